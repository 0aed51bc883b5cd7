"""A merchant whose backorders touch every effect class; also run as its workers and ticker.

python backorders.py worker QUEUE
python backorders.py ticker
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

from marshmallow import Schema, fields

from kernel.access import Permission
from kernel.actions import Action, Call, Catalogue, Outside
from kernel.audit import Subject
from kernel.config import Config
from kernel.duties import run_ticker, run_worker
from kernel.errors import Conflict
from kernel.events import Event
from kernel.log import configure_logging
from kernel.ports import Ports
from kernel.runtime import Runtime
from kernel.settings import Setting
from kernel.uow import UnitOfWork
from kernel.work import OpenUnit, WorkSource
from tests.chaos import ledger
from tests.workflow_engine.runtime.buying import PeopleOfTheShop
from workflow_engine.runtime.consuming import consumer, job_kinds
from workflow_engine.runtime.engine import Engine
from workflow_engine.runtime.sources import RunWork
from workflow_engine.runtime.stuck import STUCK_RUNS

LEASE_SECONDS = 2
CALL_SECONDS = 2
WRITE = Permission("lines:write")
KEY = "storm.local"
PATIENT = {"max": 40, "backoff": "fixed", "base": "PT1S", "on": ["transient", "timeout"]}


@dataclass(frozen=True)
class LineShort(Event):
    """A line of an order has no stock."""

    name: ClassVar[str] = "line.short"

    line: int


@dataclass(frozen=True)
class GoodsArrived(Event):
    """What a line waited for is here."""

    name: ClassVar[str] = "goods.arrived"

    line: int


@dataclass(eq=False)
class SupplierRefuses(Conflict):
    """The supplier does not have it."""

    code: ClassVar[str] = "supplier.refuses"


class Line(Schema):
    line = fields.Integer(required=True, strict=True)


def _count(what: str, by: int) -> Any:
    def run(uow: UnitOfWork, given: Mapping[str, Any], _step_id: str) -> Mapping[str, Any]:
        """Count a local effect where the database can be asked for it afterwards."""
        scope = f"{what}-{given['line']}"
        row = uow.session.get(Setting, (uow.tenant_id, scope, KEY))
        if row is None:
            row = Setting(tenant_id=uow.tenant_id, scope_id=scope, key=KEY, value=0, locked=False)
            uow.session.add(row)
        row.value = row.value + by
        uow.record(f"lines.{what}", Subject("line", scope))
        return {"line": given["line"]}

    return run


def _prepare(_uow: UnitOfWork, given: Mapping[str, Any], _step_id: str) -> Mapping[str, Any]:
    return {"line": given["line"], "refuse": given["line"] % 5 == 0}


def _take_in(_uow: UnitOfWork, answer: Mapping[str, Any], _step_id: str) -> Mapping[str, Any]:
    return {"line": answer["line"]}


class Desk(Protocol):
    """Where the outside world takes calls, and says what it has done."""

    def call(self, kind: str, key: str, request: Mapping[str, Any], seconds: float) -> int: ...

    def look_up(self, key: str, seconds: float) -> Any: ...


def _outside(desk: Desk, kind: str) -> Outside:
    def call(call: Call) -> Mapping[str, Any]:
        if desk.call(kind, call.key, call.request, call.seconds_max) == 409:
            raise SupplierRefuses
        return call.request

    def look_up(call: Call) -> Any:
        return desk.look_up(call.key, call.seconds_max)

    return Outside(_prepare, call, look_up, seconds_max=CALL_SECONDS)


def catalogue(desk: Desk) -> Catalogue:
    """Two local actions and their undoing, and one of each class that goes to the ledger."""
    local = {"reserve": ("reserve", 1), "release": ("reserve", -1), "allocate": ("allocate", 1)}
    outside = {"ask": "idempotent", "order": "reconcile", "tell": "at_most_once"}
    return Catalogue(
        [
            *(
                Action(f"line.{name}", name, WRITE, "local", Line, Line, _count(what, by))
                for name, (what, by) in local.items()
            ),
            *(
                Action(
                    f"line.{name}", name, WRITE, kind, Line, Line, _take_in,  # type: ignore[arg-type] # One of the classes.
                    outside=_outside(desk, kind),
                )
                for name, kind in outside.items()
            ),
        ]
    )  # fmt: skip


def compose(config: Config, port: int) -> Runtime:
    """Return the merchant: leases end soon, so that the dead are soon replaced."""
    engine = Engine(catalogue(ledger.Caller(port)))

    def sources(open_unit: OpenUnit) -> Sequence[WorkSource]:
        return RunWork(engine, open_unit, lease_seconds=LEASE_SECONDS).sources()

    return Runtime(
        config,
        ports=Ports(directory=PeopleOfTheShop(), engine=engine),
        consumers=[consumer(engine)],
        job_kinds=job_kinds(engine),
        sources=sources,
        lease_seconds=LEASE_SECONDS,
    )


def asking(name: str, then: str, *, otherwise: str | None = None, **more: Any) -> dict[str, Any]:
    given = [{"id": "line", "value": "input.line"}]
    invoke = {"id": name, "kind": "step", "action": f"line.{name}", "input": given, **more}
    paths = [{"id": f"t_{name}", "event": f"done.invoke.{name}", "target": then}]
    if otherwise is not None:
        path = {"id": f"t_no_{name}", "event": f"error.invoke.{name}", "target": otherwise}
        paths.append(path)
    return {"id": f"at_{name}", "invoke": invoke, "transitions": paths}


def backorder() -> dict[str, Any]:
    """Reserve, ask, wait, order, tell, wait for the goods, allocate; a no is undone."""
    return backorder_through(
        asking("ask", "pausing", otherwise="undoing", retry=PATIENT),
        {"id": "pausing", "after": [{"id": "a", "delay": "PT1S", "target": "at_order"}]},
        asking("order", "at_tell", retry=PATIENT),
        asking("tell", "waiting"),
        first="at_ask",
    )


def backorder_through(*calls: dict[str, Any], first: str) -> dict[str, Any]:
    """Reserve, go through the states that call the outside, wait for the goods, allocate."""
    release = {"action": "line.release", "input": [{"id": "line", "value": "result.line"}]}
    return {
        "format": "wareflow.definition/1",
        "key": "backorder",
        "name": "Backorder",
        "semantics": "scxml-1.0",
        "expressions": "cel/1",
        "subject": {"type": "line", "id": "string(input.line)"},
        "start": [
            {
                "id": "on_short", "event": "line.short", "dedupe": "event.id",
                "one_active_per": "subject",
                "input": [{"id": "line", "value": "event.data.line"}],
            }
        ],
        "correlate": [
            {
                "id": "c_goods", "event": "goods.arrived", "key": "string(event.data.line)",
                "run": "string(input.line)", "unmatched": "defer",
            }
        ],
        "input": [{"id": "line", "type": "int"}],
        "initial": "at_reserve",
        "states": [asking("reserve", first, compensate=release), *calls, *_ends()],
    }  # fmt: skip


def _ends() -> list[dict[str, Any]]:
    return [
        {
            "id": "waiting",
            "transitions": [
                {"id": "t_goods", "event": "goods.arrived", "target": "at_allocate"}
            ],
            "after": [{"id": "late", "delay": "P9D", "target": "undoing"}],
        },
        asking("allocate", "delivered"),
        {
            "id": "undoing", "type": "compensate", "scope": "run",
            "transitions": [
                {"id": "t_undone", "event": "done.state.undoing", "target": "given_up"},
                {"id": "t_not", "event": "error.state.undoing", "target": "given_up"},
            ],
        },
        {"id": "delivered", "type": "final", "outcome": "delivered"},
        {"id": "given_up", "type": "final", "outcome": "given_up"},
    ]  # fmt: skip


def main(duty: str, *queue: str) -> None:
    """Do one duty until killed."""
    config = Config.from_env(os.environ)
    configure_logging(config.log_level)
    runtime = compose(config, int(os.environ["LEDGER_PORT"]))
    Path(os.environ["READY_FOLDER"], str(os.getpid())).touch()
    if duty == "worker":
        run_worker(runtime, *queue)
    else:
        run_ticker(runtime, [STUCK_RUNS])


if __name__ == "__main__":
    main(*sys.argv[1:])
