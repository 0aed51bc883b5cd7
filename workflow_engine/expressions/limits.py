"""How much an expression may cost: fixed before evaluation, and counted while it runs."""

from dataclasses import dataclass
from typing import Any

from workflow_engine.expressions.errors import Fault


@dataclass(frozen=True, slots=True)
class Limits:
    """The size of an expression and of what it may build.

    Lengths count characters of text, bytes of bytes and elements of lists and maps.
    """

    source_chars_max: int = 4096
    nodes_max: int = 400
    depth_max: int = 40
    nested_macros_max: int = 2
    steps_max: int = 50_000
    text_length_max: int = 65_536
    elements_max: int = 10_000
    pattern_chars_max: int = 1_000
    value_weight_max: int = 20_000


LIMITS = Limits()


class Budget:
    """The steps that are left to one evaluation.

    A macro pays for every element, a sized operation for its size, so no evaluation can run
    away whatever it is given. Spending too much is `expression.budget`.
    """

    __slots__ = ("steps",)

    def __init__(self, steps: int = LIMITS.steps_max) -> None:
        self.steps = steps

    def charge(self, steps: int) -> None:
        """Take steps, or refuse when there are not enough."""
        self.steps -= steps
        if self.steps < 0:
            raise Fault("expression.budget", "The expression used up its budget of steps.")


def check_text(text: Any) -> Any:
    """Refuse a text or bytes that grew too long."""
    if len(text) > LIMITS.text_length_max:
        raise Fault(
            "expression.limit", f"A text may have {LIMITS.text_length_max} characters at most."
        )
    return text


def check_elements(elements: Any) -> Any:
    """Refuse a list or map that grew too large."""
    if len(elements) > LIMITS.elements_max:
        raise Fault(
            "expression.limit", f"A list or map may have {LIMITS.elements_max} elements at most."
        )
    return elements


_CHARACTERS_PER_ELEMENT = 64


def weigh(value: Any) -> int:
    """Count the elements of a value, however deep and however often they are shared.

    A text counts one for every 64 characters. Counting ends soon after `value_weight_max`, so
    that it costs little whatever it is given.
    """
    weight, waiting = 0, [value]
    while waiting:
        each = waiting.pop()
        kind = type(each)
        if kind is str or kind is bytes:
            weight += len(each) // _CHARACTERS_PER_ELEMENT
        elif kind is list or kind is dict:
            weight += len(each)
            if weight > LIMITS.value_weight_max:
                break
            waiting.extend(each)
            if kind is dict:
                waiting.extend(each.values())
    return weight


def weight_of(value: Any) -> int:
    """Weigh a value, or refuse one that is too heavy to be converted and stored."""
    weight = weigh(value)
    if weight > LIMITS.value_weight_max:
        raise Fault(
            "expression.limit", f"A value may have {LIMITS.value_weight_max} elements in all."
        )
    return weight
