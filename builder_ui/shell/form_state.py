"""A form as it is shown: the words somebody typed, and what is wrong with which of them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kernel.errors import Fault


@dataclass(frozen=True)
class FormState:
    """Values by field name, and faults by field name (`lines.0.sku`); "" is the whole form.

    `is_returned` says that the words come from a refused request and are kept nowhere yet.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    faults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_returned: bool = False

    @classmethod
    def returned(cls, values: Mapping[str, object], messages: object) -> "FormState":
        """Show a refused form again, with marshmallow's messages beside the fields."""
        return cls(values, dict(_flatten(messages)), is_returned=True)

    @classmethod
    def refused(cls, values: Mapping[str, object], faults: Iterable[Fault]) -> "FormState":
        """Show a form again that a verb refused as Invalid; `/lines/0/sku` is `lines.0.sku`."""
        by_name: dict[str, tuple[str, ...]] = {}
        for fault in faults:
            name = fault.pointer.strip("/").replace("/", ".")
            by_name[name] = (*by_name.get(name, ()), fault.detail)
        return cls(values, by_name, is_returned=True)

    def value(self, name: str, default: object = "") -> object:
        """Return what stands in a field; nothing known is the default."""
        value = self.values.get(name, default)
        return default if value is None else value

    def fault(self, name: str) -> str | None:
        """Return the first thing wrong with a field, as a sentence."""
        return self.faults[name][0] if self.faults.get(name) else None

    def is_chosen(self, name: str, choice: object) -> bool:
        """Tell whether a choice of a field is taken: one value, several, or true."""
        value = self.values.get(name)
        if isinstance(value, (list, tuple, set, frozenset)):
            return str(choice) in {str(each) for each in value}
        return value is True or (value is not None and str(value) == str(choice))

    @property
    def summary(self) -> tuple[tuple[str, str], ...]:
        """Return (field name, sentence) for everything that is wrong, in the form's order."""
        return tuple((name, told) for name, all_told in self.faults.items() for told in all_told)


def _flatten(messages: object, path: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(messages, Mapping):
        for key, below in messages.items():
            name = "" if key == "_schema" else str(key)
            yield from _flatten(below, ".".join(part for part in (path, name) if part))
    elif isinstance(messages, (list, tuple)):
        yield path, tuple(str(message) for message in messages)
    else:
        yield path, (str(messages),)
