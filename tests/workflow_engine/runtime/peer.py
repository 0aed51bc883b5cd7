"""Another company's system that orders are sent to, with the moods that such systems have."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kernel.actions import Call, EffectUnknown, Outside
from kernel.errors import Unavailable
from kernel.uow import UnitOfWork
from tests.workflow_engine.runtime.buying import PotteryClosed


class Killed(BaseException):
    """The worker is gone from one line to the next."""


class Peer:
    """Notes every call and every effect; a known key has no second effect where `knows_keys`.

    `moods` says how the next calls go, `memories` how the next questions do.
    """

    def __init__(self, *, knows_keys: bool = False) -> None:
        self.moods: list[str] = []
        self.memories: list[str] = []
        self.calls: list[str] = []
        self.questions: list[str] = []
        self.effects: list[str] = []
        self._knows_keys = knows_keys

    def outside(self, **changes: Any) -> Outside:
        return Outside(
            **{
                "prepare": prepare,
                "call": self.call,
                "look_up": self.look_up,
                "seconds_max": 20,
                "key_window": timedelta(hours=24),
                **changes,
            }
        )

    def call(self, call: Call) -> Mapping[str, Any]:
        mood = self.moods.pop(0) if self.moods else "open"
        self.calls.append(call.key)
        if mood == "busy":
            raise Unavailable
        if mood == "closed":
            raise PotteryClosed
        if mood == "deaf":
            raise TimeoutError("no answer")
        if mood == "killed before":
            raise Killed
        if not (self._knows_keys and call.key in self.effects):
            self.effects.append(call.key)
        if mood == "killed after":
            raise Killed
        if mood == "mute":
            raise TimeoutError("no answer")
        return call.request

    def look_up(self, call: Call) -> Mapping[str, Any] | None:
        memory = self.memories.pop(0) if self.memories else "open"
        self.questions.append(call.key)
        if memory == "busy":
            raise Unavailable
        if memory == "vague":
            raise EffectUnknown("the books are burnt")
        return call.request if call.key in self.effects else None


def prepare(_uow: UnitOfWork, given: Mapping[str, Any], _step_id: str) -> Mapping[str, Any]:
    return {"order_id": given["order_id"]}
