"""The steps and flows of a simulated world: answers given in advance, used in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from workflow_engine.definition.durations import parse_duration


class Unmocked(Exception):
    """A step was called for which no answer is left."""

    def __init__(self, name: str, used: int) -> None:
        self.name = name
        said = f"only {used} answers are given" if used else "no answer is given"
        super().__init__(f"'{name}' was called, and {said}.")


@dataclass(frozen=True, slots=True)
class Answer:
    """A step's final outcome and how long it takes; exactly one of result and error."""

    result: Any = None
    error: Mapping[str, Any] | None = None
    after: timedelta = timedelta(0)


@dataclass(slots=True)
class Mocks:
    """Answers by action or flow."""

    answers: Mapping[str, Sequence[Mapping[str, Any]]]
    used: dict[str, int] = field(default_factory=dict)

    def knows(self, name: str) -> bool:
        return name in self.answers

    def answer(self, name: str) -> Answer | None:
        """The next answer for this action; the last one again if it repeats."""
        given = self.answers.get(name, ())
        used = self.used.get(name, 0)
        if used < len(given):
            found = given[used]
        elif given and given[-1].get("repeat"):
            found = given[-1]
        else:
            raise Unmocked(name, len(given))
        self.used[name] = used + 1
        after = parse_duration(found["after"]) if "after" in found else timedelta(0)
        return Answer(found.get("result"), found.get("error"), after)


class PatientMocks(Mocks):
    """Mocks of a session: a step without an answer left stays open until somebody answers it."""

    def answer(self, name: str) -> Answer | None:
        try:
            return Mocks.answer(self, name)
        except Unmocked:
            return None


def read_mocks(documents: Sequence[Mapping[str, Any]]) -> Mocks:
    """Mocks from their JSON."""
    return Mocks({each.get("action") or each["flow"]: each["answers"] for each in documents})
