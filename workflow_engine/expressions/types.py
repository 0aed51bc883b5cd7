"""The types that expressions are checked against."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Type:
    """A type term; `kind` is what operators and functions are chosen by."""

    @property
    def kind(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True)
class Scalar(Type):
    """A type without parts."""

    name: str

    @property
    def kind(self) -> str:
        return self.name

    def __str__(self) -> str:
        return self.name


BOOL = Scalar("bool")
INT = Scalar("int")
UINT = Scalar("uint")
DECIMAL = Scalar("decimal")
DOUBLE = Scalar("double")  # Only where a profile computes in IEEE 754, never for tenants.
MONEY = Scalar("money")
STRING = Scalar("string")
BYTES = Scalar("bytes")
TIMESTAMP = Scalar("timestamp")
DURATION = Scalar("duration")
NULL = Scalar("null")
DYN = Scalar("dyn")  # Known only when it is evaluated.
NUMBERS = frozenset({"int", "uint", "decimal", "double"})


@dataclass(frozen=True)
class ListType(Type):
    """A list of one element type."""

    element: Type

    @property
    def kind(self) -> str:
        return "list"

    def __str__(self) -> str:
        return f"list({self.element})"


@dataclass(frozen=True)
class MapType(Type):
    """A map from bool, int, uint or string keys."""

    key: Type
    value: Type

    @property
    def kind(self) -> str:
        return "map"

    def __str__(self) -> str:
        return f"map({self.key}, {self.value})"


@dataclass(frozen=True)
class RecordType(Type):
    """A map with known fields; at run time a dict with those keys.

    An `open` record lets a JSON value carry fields it does not declare; they are dropped.
    """

    fields: Mapping[str, Type]
    name: str = "record"
    open: bool = False

    @property
    def kind(self) -> str:
        return "map"

    def __hash__(self) -> int:
        return hash((self.name, *sorted(self.fields)))

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class EnumType(Type):
    """A text out of a known list; at run time a str."""

    values: tuple[str, ...]

    @property
    def kind(self) -> str:
        return "string"

    def __str__(self) -> str:
        return f"enum({', '.join(self.values)})"


@dataclass(frozen=True)
class NullableType(Type):
    """A type or null; make one with `nullable`."""

    of: Type

    @property
    def kind(self) -> str:
        return self.of.kind

    def __str__(self) -> str:
        return f"{self.of} or null"


@dataclass(frozen=True)
class TypeType(Type):
    """The type of a type, as `type(1)` gives it."""

    of: Type

    @property
    def kind(self) -> str:
        return "type"

    def __str__(self) -> str:
        return f"type({self.of})"


def nullable(of: Type) -> Type:
    """Return `of` with null allowed."""
    return of if of in (DYN, NULL) or isinstance(of, NullableType) else NullableType(of)


def without_null(of: Type) -> Type:
    """Return `of` with null no longer allowed."""
    return of.of if isinstance(of, NullableType) else of


@dataclass(frozen=True)
class Function:
    """A function of the host: its parameters, its result, and who computes it.

    An EnumType parameter refuses unknown literals at save time. Without `implementation` the
    callable is bound under the function's name, beside the variables, at each evaluation.
    """

    parameters: tuple[Type, ...]
    result: Type
    implementation: Any = None


@dataclass(frozen=True)
class Scope:
    """The names an expression may use. `container` resolves relative dotted names as CEL does."""

    variables: Mapping[str, Type]
    functions: Mapping[str, Function] = field(default_factory=dict)
    container: str = ""


def join(left: Type, right: Type) -> Type:
    """Return the narrowest type that covers both; DYN where there is none."""
    if left == right:
        return left
    if NULL in (left, right):
        return nullable(right if left == NULL else left)
    if isinstance(left, NullableType) or isinstance(right, NullableType):
        return nullable(join(without_null(left), without_null(right)))
    if isinstance(left, ListType) and isinstance(right, ListType):
        return ListType(_join_element(left.element, right.element))
    if isinstance(left, MapType) and isinstance(right, MapType):
        value = _join_element(left.value, right.value)
        return MapType(_join_element(left.key, right.key), value)
    if left.kind == right.kind == "string":
        return STRING
    return DYN


def _join_element(left: Type, right: Type) -> Type:
    # UNKNOWN_ELEMENT marks the elements of an empty literal, which fit beside any others.
    if UNKNOWN_ELEMENT in (left, right):
        return right if left == UNKNOWN_ELEMENT else left
    return join(left, right)


UNKNOWN_ELEMENT = Scalar("unknown")


def assignable(source: Type, target: Type) -> bool:
    """Say whether a value of `source` may stand where `target` is wanted.

    Null is judged when it occurs: a nullable source fits a target without null, and a null
    that turns up is then `expression.null`. An int fits a decimal.
    """
    if DYN in (source, target) or source == target or UNKNOWN_ELEMENT in (source, target):
        return True
    if source == NULL:
        return isinstance(target, NullableType)
    source, target = without_null(source), without_null(target)
    if isinstance(target, RecordType) and isinstance(source, RecordType):
        return _fields_fit(source, target)
    if isinstance(target, RecordType) and isinstance(source, MapType):
        return source.key in (STRING, DYN, UNKNOWN_ELEMENT)
    if isinstance(target, MapType) and isinstance(source, RecordType):
        return all(assignable(each, target.value) for each in source.fields.values())
    if isinstance(target, ListType) and isinstance(source, ListType):
        return assignable(source.element, target.element)
    if isinstance(target, MapType) and isinstance(source, MapType):
        return assignable(source.key, target.key) and assignable(source.value, target.value)
    if isinstance(target, EnumType):
        return isinstance(source, EnumType) and set(source.values) <= set(target.values)
    return source.kind == target.kind or (source, target) == (INT, DECIMAL)


def _fields_fit(source: RecordType, target: RecordType) -> bool:
    return all(
        assignable(source.fields[name], wanted)
        if name in source.fields
        else isinstance(wanted, NullableType)
        for name, wanted in target.fields.items()
    )
