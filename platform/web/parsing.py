"""What a schema found wrong with a request, as faults that point into what was sent."""

from collections.abc import Iterator, Mapping

from kernel.errors import Fault

FAULT_CODE = "request.field"
UNKNOWN_FIELD_CODE = "request.field_unknown"
MISSING_FIELD_CODE = "request.field_missing"

_CODES = {
    "Unknown field.": UNKNOWN_FIELD_CODE,
    "Missing data for required field.": MISSING_FIELD_CODE,
}


def faults_in(messages: object, pointer: str = "") -> tuple[Fault, ...]:
    """Return marshmallow's messages as faults with JSON pointers (RFC 6901), in their order."""
    return tuple(_faults(messages, pointer))


def _faults(messages: object, pointer: str) -> Iterator[Fault]:
    if isinstance(messages, Mapping):
        for key, below in messages.items():
            step = "" if key == "_schema" else f"/{_escaped(str(key))}"
            yield from _faults(below, pointer + step)
    elif isinstance(messages, list | tuple):
        for below in messages:
            yield from _faults(below, pointer)
    else:
        sentence = str(messages)
        yield Fault(pointer, _CODES.get(sentence, FAULT_CODE), sentence)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
