"""Actions: what a department can do for a workflow, declared once for three consumers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from marshmallow import Schema

from kernel.access import Permission
from kernel.ids import TenantId

if TYPE_CHECKING:
    from kernel.uow import UnitOfWork

Effect = Literal["local", "idempotent", "reconcile", "at_most_once"]
Facts = Mapping[str, Any]


class EffectUnknown(Exception):
    """Nobody can tell whether the other system did what it was asked to do."""


@dataclass(frozen=True)
class Call:
    """One call of another system, made outside of any transaction.

    `key` names the effect: it and `request` are the same in every attempt at it. The call must be
    over after `seconds_max`, one way or the other: nothing may reach the other side later.
    """

    tenant_id: TenantId
    key: str
    request: Facts
    seconds_max: float


@dataclass(frozen=True)
class Outside:
    """How an action acts on another system.

    `prepare` runs in a transaction and returns what will be sent, as JSON without secrets: it is
    kept with the step. `call` sends it. It raises `Unavailable` where certainly nothing was done
    and trying again may help, another refusal where the other side said no, and anything else
    where nobody knows. `look_up` tells what the other side did under the key: its answer, or None
    where it certainly has done and will do nothing; `EffectUnknown` where it cannot say.
    `key_window` is for how long the other side takes a repeated key for the same effect.
    """

    prepare: Callable[["UnitOfWork", Any, str], Facts]
    call: Callable[[Call], Facts]
    look_up: Callable[[Call], Facts | None] | None = None
    seconds_max: int = 20
    key_window: timedelta = timedelta(hours=24)


@dataclass(frozen=True)
class Action:
    """A named ability such as `inventory.reserve`: the engine runs it, the builder draws it.

    `run(uow, input, step_id)` is safe to repeat with the same step id and returns the output as
    the schema describes it; `undo` takes what `run` returned. `sentence` is for people. Of an
    action with `outside`, `run` gets the other system's answer in place of the input.
    """

    name: str
    sentence: str
    permission: Permission
    effect: Effect
    input: type[Schema]
    output: type[Schema]
    run: Callable[["UnitOfWork", Any, str], Facts]
    undo: Callable[["UnitOfWork", Facts, str], Facts] | None = None
    outside: Outside | None = None

    def fault(self) -> str | None:
        """Say in a sentence why the engine could not keep this effect class's promise, or None."""
        if self.effect == "local" and self.outside is not None:
            return f"{self.name} is local, yet calls another system"
        if self.effect == "at_most_once" and self.outside is None:
            return f"{self.name} is at_most_once, yet says not what it calls"
        if self.effect == "reconcile" and (self.outside is None or self.outside.look_up is None):
            return f"{self.name} is to be reconciled, yet cannot be looked up"
        return None


class Catalogue:
    """Every action of the product, by name."""

    def __init__(self, actions: Iterable[Action]) -> None:
        """Collect the actions; ValueError where two carry one name or one cannot be kept."""
        self._actions: dict[str, Action] = {}
        for action in actions:
            if (fault := action.fault()) is not None:
                raise ValueError(fault)
            if action.name in self._actions:
                raise ValueError(f"two actions are named {action.name}")
            self._actions[action.name] = action

    def __getitem__(self, name: str) -> Action:
        return self._actions[name]

    def __contains__(self, name: str) -> bool:
        return name in self._actions

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions.values())
