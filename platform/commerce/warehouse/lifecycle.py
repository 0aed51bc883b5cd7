"""Where a fulfilment order stands, the tasks it makes, and why units were not found."""

from typing import Literal, get_args

FulfilmentStatus = Literal["open", "in_progress", "packed", "closed", "cancelled"]
"""`closed` has left; `cancelled` never will. A hold is a reason beside the status."""

FULFILMENT_STATUSES: tuple[FulfilmentStatus, ...] = get_args(FulfilmentStatus)
LIVING: frozenset[FulfilmentStatus] = frozenset({"open", "in_progress", "packed"})
PICKING: frozenset[FulfilmentStatus] = frozenset({"open", "in_progress"})

TaskKind = Literal["pick", "pack", "ship", "put_away"]
TASK_KINDS: tuple[TaskKind, ...] = get_args(TaskKind)

TaskState = Literal["open", "done", "cancelled"]
TASK_STATES: tuple[TaskState, ...] = get_args(TaskState)
