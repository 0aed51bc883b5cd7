"""What one operation of the API takes and gives, declared once for serving and documenting."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypedDict

from marshmallow import Schema

from api.fields import Fields

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class Shape(TypedDict, total=False):
    """The parts of an operation that have defaults."""

    body: type[Schema] | None
    query: type[Schema]
    answer: type[Schema] | None
    status: int
    needs_key: bool
    location: str
    is_followed: bool


@dataclass(frozen=True)
class Operation:
    """One method of one address.

    `needs_key`: the request must carry an Idempotency-Key; every other POST may. `location` is
    the address of what was created, with the members of the answer in braces. `is_followed`: the
    answer says how long work stands, and when to ask again while it has not ended. PUT, PATCH and
    DELETE need If-Match, and their views are given the `expected_version`.
    """

    method: Method
    permission: str
    body: type[Schema] | None = None
    query: type[Schema] = Fields
    answer: type[Schema] | None = None
    status: int = 200
    needs_key: bool = False
    location: str | None = None
    is_followed: bool = False

    @property
    def is_guarded(self) -> bool:
        """Whether the caller must say which version it changes."""
        return self.method in ("PUT", "PATCH", "DELETE")

    @property
    def is_versioned(self) -> bool:
        """Whether the answer has an entity tag."""
        return self.dumper is not None and "version" in self.dumper.fields

    @cached_property
    def dumper(self) -> Schema | None:
        """The schema that writes answers; None where there is no body."""
        return None if self.answer is None else self.answer()
