"""Actions: what a department can do for a workflow, declared once for three consumers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from marshmallow import Schema

from kernel.access import Permission

if TYPE_CHECKING:
    from kernel.uow import UnitOfWork

Effect = Literal["local", "idempotent", "reconcile", "at_most_once"]
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Action:
    """A named ability such as `inventory.reserve`: the engine runs it, the builder draws it.

    `run(uow, input, step_id)` is safe to repeat with the same step id and returns the output as
    the schema describes it; `undo` takes what `run` returned. `sentence` is for people.
    """

    name: str
    sentence: str
    permission: Permission
    effect: Effect
    input: type[Schema]
    output: type[Schema]
    run: Callable[["UnitOfWork", Any, str], Facts]
    undo: Callable[["UnitOfWork", Facts, str], Facts] | None = None


class Catalogue:
    """Every action of the product, by name."""

    def __init__(self, actions: Iterable[Action]) -> None:
        """Collect the actions; ValueError where two carry one name."""
        self._actions: dict[str, Action] = {}
        for action in actions:
            if action.name in self._actions:
                raise ValueError(f"two actions are named {action.name}")
            self._actions[action.name] = action

    def __getitem__(self, name: str) -> Action:
        return self._actions[name]

    def __contains__(self, name: str) -> bool:
        return name in self._actions

    def __iter__(self) -> Iterator[Action]:
        return iter(self._actions.values())
