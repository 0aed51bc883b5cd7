"""The kinds of value that requests and answers are made of: exact, bounded, documented."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from kernel.clock import format_instant, parse_instant
from kernel.money import Money

# What every JSON reader keeps exact (IEEE doubles), and every bigint holds.
WHOLE_MAX = 2**53 - 1

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)")
_NUMBER = re.compile(r"-?[0-9]{1,16}")
_AMOUNT = r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$"
_CURRENCY = "^[A-Z]{3}$"
_NO_NUL = r"^[^\u0000]*$"


def _wholly(pattern: str, error: str) -> validate.Regexp:
    """Return the check that all of a text matches an anchored pattern.

    `$` alone would let a line break follow, and braces in the sentence are no places to fill in.
    A field says its pattern in its metadata too: the document has JSON Schema's spelling.
    """
    assert pattern.startswith("^"), "a pattern is anchored at both ends"
    assert pattern.endswith("$"), "a pattern is anchored at both ends"
    return validate.Regexp(pattern[:-1] + r"\Z", error=error.replace("{", "{{").replace("}", "}}"))


class Fields(Schema):
    """The members of a JSON object; a member that is not listed is refused."""

    class Meta:
        """Refuse what is unknown instead of ignoring it (API-26)."""

        unknown = RAISE


class Text(fields.String):
    """Text of a bounded length; `pattern` is an anchored regular expression."""

    def __init__(
        self, *, min: int = 1, max: int = 200, pattern: str | None = None, **options: Any
    ) -> None:
        """Bound the length, and the characters where a pattern is given."""
        checks: list[Any] = [validate.Length(min=min, max=max)]
        if pattern is not None:
            checks.append(_wholly(pattern, f"Write it as {pattern}."))
        described = {"pattern": pattern or _NO_NUL, **options.pop("metadata", {})}
        super().__init__(validate=checks, metadata=described, **options)


class Choice(fields.String):
    """One of a few words."""

    def __init__(self, *words: str, **options: Any) -> None:
        """Take the words."""
        super().__init__(validate=validate.OneOf(words), **options)


class Whole(fields.Integer):
    """A whole number in a body, as JSON Schema understands it: 3 and 3.0, never "3" or true."""

    def __init__(self, *, min: int = 0, max: int = WHOLE_MAX, **options: Any) -> None:
        """Bound the value; 53 bits by default, which every reader keeps exact."""
        super().__init__(validate=validate.Range(min=min, max=max), **options)

    def _validated(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self.make_error("invalid")
        # Compared before it is made whole, because a Decimal can be too large to write out.
        if not -WHOLE_MAX <= value <= WHOLE_MAX:
            raise self.make_error("too_large")
        if value != int(value):
            raise self.make_error("invalid")
        return int(value)


class QueryNumber(fields.Integer):
    """A whole number in a query: plain ASCII digits."""

    def __init__(self, *, min: int, max: int, **options: Any) -> None:
        """Bound the value."""
        super().__init__(validate=validate.Range(min=min, max=max), **options)

    def _validated(self, value: Any) -> int:
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            raise self.make_error("invalid")
        return int(value)


class Exact(fields.String):
    """An exact decimal number, written as a string such as "2.5"."""

    def __init__(self, **options: Any) -> None:
        """Bound digits to what is stored."""
        pattern = r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$"
        described = {"pattern": pattern, **options.pop("metadata", {})}
        check = _wholly(pattern, 'Write a decimal number such as "2.5".')
        super().__init__(validate=check, metadata=described, **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        del attr, obj, kwargs
        return None if value is None else f"{value:f}"

    def deserialize(self, value: Any, attr: Any = None, data: Any = None, **kwargs: Any) -> Any:
        """Return the Decimal that the text spells, once its form is checked."""
        text = super().deserialize(value, attr, data, **kwargs)
        return Decimal(text) if isinstance(text, str) else text


class Instant(fields.AwareDateTime):
    """An instant in RFC 3339; read with any offset, written in UTC."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        del attr, data, kwargs
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            try:
                return parse_instant(value.upper())
            except (ValueError, OverflowError):
                pass
        raise ValidationError("Write an instant as in 2026-03-02T09:00:00Z.")

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        del attr, obj, kwargs
        return None if value is None else format_instant(value)


class MoneyFields(Fields):
    """An amount in a currency."""

    amount = fields.String(
        required=True,
        validate=_wholly(_AMOUNT, 'Write "12.34".'),
        metadata={"example": "12.34", "pattern": _AMOUNT},
    )
    currency = fields.String(
        required=True,
        validate=_wholly(_CURRENCY, "Write a code such as EUR."),
        metadata={"example": "EUR", "pattern": _CURRENCY},
    )


class Amount(fields.Nested):
    """Money: `{"amount": "12.34", "currency": "EUR"}`, an exact decimal string (API-15)."""

    def __init__(self, **options: Any) -> None:
        """Take marshmallow's options."""
        super().__init__(MoneyFields, **options)

    def _deserialize(
        self,
        value: Any,
        attr: str | None,
        data: Mapping[str, Any] | None,
        partial: Any = None,
        **kwargs: Any,
    ) -> Money:
        del partial  # Money is replaced whole, even where the rest is merged.
        members = super()._deserialize(value, attr, data, partial=False, **kwargs)
        try:
            return Money.from_json(members)
        except ValueError as error:
            raise ValidationError({"amount": [f"{error}."]}) from error

    def _serialize(  # type: ignore[override] # Nested and Field disagree on a name.
        self, nested_obj: Any, attr: Any, obj: Any, **kwargs: Any
    ) -> dict[str, str] | None:
        del attr, obj, kwargs
        assert nested_obj is None or isinstance(nested_obj, Money), "money comes from Money"
        return None if nested_obj is None else nested_obj.to_json()


def listed(schema: type[Schema], name: str) -> type[Schema]:
    """Return the schema of one page of a list: the rows, and the address of the next page."""
    members: Mapping[str, Any] = {
        "data": fields.List(fields.Nested(schema), required=True),
        "next": fields.String(required=True, allow_none=True),
    }
    page = Schema.from_dict(dict(members), name=name)
    assert isinstance(page, type)
    return page
