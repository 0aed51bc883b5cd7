"""Executable content: what entry, exit, transitions and timers do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow_engine.definition.model import Expr


@dataclass(frozen=True, slots=True)
class Named:
    """One named value of a payload: `{"id": …, "value": …}`."""

    id: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Setting:
    """One assignment; `path` is the target split at its dots, `context` first."""

    path: tuple[str, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class Assign:
    """Simultaneous assignments: every right side reads the old context."""

    at: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Decide:
    """Put a table's outputs into a record of the context."""

    at: str
    table: str
    into: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Raise:
    """Queue an internal event of this macrostep."""

    at: str
    event: str
    payload: tuple[Named, ...] | Expr


@dataclass(frozen=True, slots=True)
class Emit:
    """Publish a domain event on commit."""

    at: str
    event: str
    payload: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Send:
    """Send an event to this run or another, now or later."""

    at: str
    event: str | Expr
    payload: tuple[Named, ...] | Expr
    to: str | Expr = "self"
    transport: str | Expr = "run"
    delay: timedelta | Expr | None = None
    id: str | None = None
    id_into: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Cancel:
    """Withdraw a delayed send by its id."""

    at: str
    id: str | Expr


@dataclass(frozen=True, slots=True)
class Log:
    """A line in the run's history."""

    at: str
    level: str
    message: Expr


@dataclass(frozen=True, slots=True)
class If:
    """The first branch whose guard holds; the last branch may have no guard."""

    at: str
    branches: tuple[tuple[Expr | None, tuple[Action, ...]], ...]


@dataclass(frozen=True, slots=True)
class ForEach:
    """Once for each element of a list, taken before the first turn."""

    at: str
    over: Expr
    item: tuple[str, ...]
    index: tuple[str, ...] | None
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Actions that fail together: a fault skips the rest of the block, not what follows it."""

    at: str
    actions: tuple[Action, ...]


Action = Assign | Decide | Raise | Emit | Send | Cancel | Log | If | ForEach | Block
