"""The pure interpreter: definitions compiled once, runs moved by `step`, the world left alone.

    compiled = compile_definition(parse_definition(document), actions)
    outcome = start(compiled, {"order_line_id": "L1"}, now, run_id="run_1")
    outcome = step(compiled, outcome.snapshot, Event("order.cancelled"), now)

No database, clock, thread or network: time is an argument, and what shall happen is returned.
"""

from workflow_engine.interpreter.compile import compile_definition
from workflow_engine.interpreter.compiled import Compiled, ContentFault
from workflow_engine.interpreter.defaults import InputRefused
from workflow_engine.interpreter.effects import (
    CancelInvoke,
    ClearTimer,
    Dropped,
    Effect,
    Emit,
    Finished,
    Incident,
    InvokeApproval,
    InvokeFlow,
    InvokeHuman,
    InvokeStep,
    Log,
    Retry,
    SearchAttributes,
    Send,
    SetTimer,
    StatusChanged,
)
from workflow_engine.interpreter.events import (
    Event,
    command,
    event_from_json,
    event_to_json,
    invoke_done,
    invoke_failed,
    timer_due,
)
from workflow_engine.interpreter.machine import Calendars
from workflow_engine.interpreter.outcome import Disposition, Outcome
from workflow_engine.interpreter.pausing import resume_timers
from workflow_engine.interpreter.schemas import Actions, ActionShape
from workflow_engine.interpreter.snapshot import Snapshot, SnapshotFault
from workflow_engine.interpreter.stepping import cancel, possible_events, resume, start, step
from workflow_engine.interpreter.storing import read_snapshot, write_snapshot
from workflow_engine.interpreter.triggers import (
    StartRequest,
    event_key,
    match_start,
    run_keys,
    subject_key,
)

__all__ = [
    "ActionShape",
    "Actions",
    "Calendars",
    "CancelInvoke",
    "ClearTimer",
    "Compiled",
    "ContentFault",
    "Disposition",
    "Dropped",
    "Effect",
    "Emit",
    "Event",
    "Finished",
    "Incident",
    "InputRefused",
    "InvokeApproval",
    "InvokeFlow",
    "InvokeHuman",
    "InvokeStep",
    "Log",
    "Outcome",
    "Retry",
    "SearchAttributes",
    "Send",
    "SetTimer",
    "Snapshot",
    "SnapshotFault",
    "StartRequest",
    "StatusChanged",
    "cancel",
    "command",
    "compile_definition",
    "event_from_json",
    "event_key",
    "event_to_json",
    "invoke_done",
    "invoke_failed",
    "match_start",
    "possible_events",
    "read_snapshot",
    "resume",
    "resume_timers",
    "run_keys",
    "start",
    "step",
    "subject_key",
    "timer_due",
    "write_snapshot",
]
