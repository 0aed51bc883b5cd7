"""What a step asks of the world: values only, in the order in which they are meant to happen.

The interpreter performs nothing. The durable half writes these as rows in the transaction that
stores the new snapshot; a simulation performs them on a virtual clock. Everything inside an
effect is JSON or a standard value (aware UTC datetimes, timedeltas).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

Json = Any
"""A JSON value: exact numbers are ints or decimal strings, never floats."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how soon a failed attempt is repeated, and for which kinds of failure."""

    max: int
    backoff: Literal["fixed", "exponential"] = "fixed"
    base: timedelta = timedelta(seconds=10)
    factor: str = "2"
    cap: timedelta | None = None
    jitter: str = "0"
    on: tuple[str, ...] = ("transient", "timeout")


@dataclass(frozen=True, slots=True)
class Emit:
    """Publish a domain event when the transaction commits."""

    event: str
    data: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class InvokeStep:
    """Run an action of the catalogue.

    Answer with `invoke_done` or `invoke_failed` carrying `invoke_id` and `epoch`; the pair is
    unique in the run, so (run, invoke_id, epoch) is the idempotency key. `compensates` names the
    invoke whose effect this step undoes; such a step is answered in the same way. `detached`: the
    run does not wait for the answer (the undoing of a late success); a failure that is answered
    becomes an incident.
    """

    invoke_id: str
    epoch: int
    action: str
    input: Mapping[str, Json]
    timeout: timedelta | None = None
    retry: Retry | None = None
    compensable: bool = False
    compensates: str | None = None
    detached: bool = False


@dataclass(frozen=True, slots=True)
class InvokeApproval:
    """Open an approval, or take up the parked one.

    `subject` has type, id, version, digest and requester. `stages` are the stages that apply, in
    order, as JSON of the definition. With `reattaches` set, the approval that was opened under
    that epoch and parked since continues with its votes, now under `epoch`.
    """

    invoke_id: str
    epoch: int
    subject: Mapping[str, Json]
    covers: tuple[str, ...]
    stages: tuple[Mapping[str, Json], ...]
    separation: tuple[str, ...] = ()
    delegation: Mapping[str, Json] | None = None
    reattaches: int | None = None


@dataclass(frozen=True, slots=True)
class InvokeHuman:
    """Put a task before people; its form's answer is the data of the completion."""

    invoke_id: str
    epoch: int
    title: str
    candidates: tuple[Mapping[str, Json], ...]
    form: tuple[Mapping[str, Json], ...]
    input: Mapping[str, Json] = field(default_factory=dict)
    due: Mapping[str, Json] | None = None
    remind_every: str | None = None
    on_expire: str | None = None
    escalate: tuple[Mapping[str, Json], ...] = ()
    reattaches: int | None = None


@dataclass(frozen=True, slots=True)
class InvokeFlow:
    """Start a child run of another definition; its end is the completion of this invoke."""

    invoke_id: str
    epoch: int
    flow: str
    version: str
    input: Mapping[str, Json]
    autoforward: bool = False


@dataclass(frozen=True, slots=True)
class CancelInvoke:
    """Withdraw what is not begun, abandon what is under way, cancel a child.

    With `park`, keep an approval or task (closed to votes) because it may be taken up again.
    """

    invoke_id: str
    epoch: int
    park: bool = False


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Report `timer_due(timer_id)` at `at`, once. Ids are never used twice in a run."""

    timer_id: str
    at: datetime
    kind: Literal["after", "send"] = "after"
    source: str = ""
    calendar: str | None = None
    calendar_version: str | None = None
    pausable: bool = False
    sla: str | None = None


@dataclass(frozen=True, slots=True)
class ClearTimer:
    """The timer is no longer wanted."""

    timer_id: str


@dataclass(frozen=True, slots=True)
class Send:
    """Put an event into the inbox of a run.

    `target` is `self` (behind what is queued already), `parent`, `invoke:<invoke id>` (a child)
    or `run:<run id>`. A target that does not exist is answered with `error.communication`
    carrying the `send_id`.
    """

    target: str
    event: str
    data: Json = None
    send_id: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """A line for the run's history; `code` is set where an expression failed."""

    level: str
    message: str
    where: str = ""
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """Something a person must look at; the run says what and where."""

    code: str
    message: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The subject's status (the tenant's word) and phase (the platform's) have changed."""

    status: str
    phase: str
    field: str


@dataclass(frozen=True, slots=True)
class SearchAttributes:
    """The attributes by which runs are found have changed; all of them are given."""

    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Dropped:
    """Deferred events that were never taken: the run ended, or its limit was reached."""

    events: tuple[Mapping[str, Json], ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The run has reached a final state of its root."""

    outcome: str
    donedata: Json = None


Effect = (
    Emit
    | InvokeStep
    | InvokeApproval
    | InvokeHuman
    | InvokeFlow
    | CancelInvoke
    | SetTimer
    | ClearTimer
    | Send
    | Log
    | Incident
    | StatusChanged
    | SearchAttributes
    | Dropped
    | Finished
)
