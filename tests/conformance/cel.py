"""The CEL conformance tests, core without protobuf, in one profile."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.conformance.suites import Outcome, folder, judge
from tests.conformance.textproto import Message, read
from workflow_engine.expressions import (
    BOOL,
    BYTES,
    DURATION,
    DYN,
    IEEE,
    INT,
    NULL,
    STRING,
    TENANT,
    TIMESTAMP,
    UINT,
    ExpressionError,
    Function,
    ListType,
    MapType,
    Profile,
    RecordType,
    Scope,
    Type,
    compile_expression,
)
from workflow_engine.expressions.types import UNKNOWN_ELEMENT, TypeType
from workflow_engine.expressions.values import TypeValue, Uint

CORE = (
    "basic",
    "comparisons",
    "conversions",
    "fields",
    "fp_math",
    "integer_math",
    "lists",
    "logic",
    "macros",
    "macros2",
    "namespace",
    "parse",
    "plumbing",
    "string",
    "timestamps",
    "type_deduction",
)
_PRIMITIVES = {"BOOL": BOOL, "INT64": INT, "UINT64": UINT, "STRING": STRING, "BYTES": BYTES}
_WELL_KNOWN = {"TIMESTAMP": TIMESTAMP, "DURATION": DURATION}
_TYPE_NAMES = {
    "null_type": "null",
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
}
_REFUSED = frozenset({"expression.syntax", "expression.limit", "expression.budget"})


class Mismatch(Exception):
    """The test did not give what it should."""


def ieee() -> Outcome:
    """Run the core in the IEEE profile."""
    return judge("CEL core, IEEE profile", results(IEEE), "cel_ieee", required_percent=95)


def tenant() -> Outcome:
    """Run the core in the profile of tenants."""
    return judge("CEL core, tenant profile", results(TENANT), "cel_tenant", required_percent=85)


def results(profile: Profile) -> dict[str, str | None]:
    """Run every core test; give its failure, or None."""
    found: dict[str, str | None] = {}
    for name, test in tests_of(folder("cel-spec")):
        try:
            run(test, profile)
            found[name] = None
        except (Mismatch, ExpressionError) as failure:
            found[name] = " ".join(str(failure).split())
    return found


def tests_of(suite: Path) -> Iterator[tuple[str, Message]]:
    """Give the tests that need no protobuf message, with an id that is unique."""
    seen: set[str] = set()
    for file in CORE:
        for section in read((suite / f"{file}.textproto").read_text())["section"]:
            for test in section.get("test", []):
                if _needs_protobuf(test):
                    continue
                name = f"{file}/{section['name'][0].decode()}/{test['name'][0].decode()}"
                while name in seen:
                    name += "+"
                seen.add(name)
                yield name, test


def counts_narrowly(test: Message) -> bool:
    """Whether a narrower count takes it for one without protobuf as well: no container of names
    is set, and no google type is named, though no message is in either."""
    return "container" not in test and "google" not in repr(test)


def narrow_count() -> str:
    """Say how the narrower count comes out in both profiles."""
    narrow = {name for name, test in tests_of(folder("cel-spec")) if counts_narrowly(test)}
    passed = [
        sum(failure is None for name, failure in results(profile).items() if name in narrow)
        for profile in (IEEE, TENANT)
    ]
    shares = [f"{100 * each / len(narrow):.1f} %" for each in passed]
    return (
        f"Of the CEL core, all {len(dict(tests_of(folder('cel-spec'))))} tests of its 16 files "
        "that hold no protobuf message are run.\n"
        f"A narrower count comes to {len(narrow):,}: it leaves out those that set a container "
        "for names or name a google\n"
        f"type, though no message is in them. Of these, {passed[0]:,} ({shares[0]}) pass in the "
        f"IEEE profile and {passed[1]:,} ({shares[1]})\nin the tenant profile.\n"
    )


def _needs_protobuf(test: Message) -> bool:
    text = repr(test)
    marks = ("cel.expr.conformance", "TestAllTypes", "optional_type")
    wrappers = text.replace("google.protobuf.Timestamp", "").replace("google.protobuf.Duration", "")
    return any(mark in text for mark in marks) or "google.protobuf" in wrappers


def run(test: Message, profile: Profile) -> None:
    """Run one test; Mismatch or ExpressionError where it does not give what it should."""
    dynamic = "disable_check" in test
    bindings = {
        binding["key"][0].decode(): _bound(binding["value"][0], profile)
        for binding in test.get("bindings", [])
    }
    if "eval_error" in test:
        return _must_fail(test, profile, bindings, dynamic)
    expression = compile_expression(
        test["expr"][0].decode(),
        _scope(test, profile, bindings),
        profile=profile,
        checking="dynamic" if dynamic else "static",
    )
    typed = test.get("typed_result", [None])[0]
    if typed and (wanted := _type(typed["deduced_type"][0], profile)) != _plain(expression.type):
        raise Mismatch(f"the type is {expression.type}, not {wanted}")
    if "check_only" in test:
        return None
    expected = (typed.get("result") if typed else test.get("value")) or [{"bool_value": ["true"]}]
    value, wanted_value = expression.evaluate(bindings), _value(expected[0], profile)
    if not _same(value, wanted_value):
        raise Mismatch(f"gave {value!r}, not {wanted_value!r}")
    return None


def _must_fail(test: Message, profile: Profile, bindings: dict[str, Any], dynamic: bool) -> None:
    try:
        expression = compile_expression(
            test["expr"][0].decode(),
            _scope(test, profile, bindings),
            profile=profile,
            checking="dynamic" if dynamic else "static",
        )
        value = expression.evaluate(bindings)
    except ExpressionError as error:
        if error.code in _REFUSED:
            raise
        return
    raise Mismatch(f"gave {value!r}, not an error")


def _scope(test: Message, profile: Profile, bindings: dict[str, Any]) -> Scope:
    variables: dict[str, Type] = dict.fromkeys(bindings, DYN)
    functions: dict[str, Function] = {}
    for declared in test.get("type_env", []):
        name = declared["name"][0].decode()
        if "ident" in declared:
            variables[name] = _type(declared["ident"][0]["type"][0], profile)
        else:
            overload = declared["function"][0]["overloads"][0]
            parameters = tuple(_type(each, profile) for each in overload.get("params", []))
            result = _type(overload["result_type"][0], profile)
            functions[name] = Function(parameters, result)
    container = test.get("container", [b""])[0].decode()
    return Scope(variables, functions, container)


def _type(message: Message, profile: Profile) -> Type:
    (form, values), *_ = message.items()
    inner = values[0]
    match form:
        case "primitive":
            return profile.fraction if inner == "DOUBLE" else _PRIMITIVES[inner]
        case "well_known":
            return _WELL_KNOWN[inner]
        case "null":
            return NULL
        case "dyn":
            return DYN
        case "list_type":
            return ListType(_type(inner.get("elem_type", [{"dyn": [{}]}])[0], profile))
        case "map_type":
            return MapType(
                _type(inner["key_type"][0], profile), _type(inner["value_type"][0], profile)
            )
        case "type":
            return TypeType(_type(inner, profile) if inner else DYN)
        case "message_type":
            return _WELL_KNOWN[inner.decode().rpartition(".")[2].upper()]
    raise Mismatch(f"types of the form {form} are not claimed")


def _plain(kind: Type) -> Type:
    match kind:
        case ListType():
            return ListType(_plain(kind.element))
        case MapType():
            return MapType(_plain(kind.key), _plain(kind.value))
        case RecordType():
            return MapType(STRING, DYN)
        case TypeType():
            return TypeType(_plain(kind.of))
    return DYN if kind == UNKNOWN_ELEMENT else kind


def _bound(message: Message, profile: Profile) -> Any:
    if "value" not in message:
        raise Mismatch("unknown values are not claimed")
    return _value(message["value"][0], profile)


def _value(message: Message, profile: Profile) -> Any:
    (form, values), *_ = message.items()
    inner = values[0]
    match form:
        case "int64_value":
            return int(inner)
        case "uint64_value":
            return Uint(inner)
        case "double_value":
            return float(inner) if profile is IEEE else Decimal(repr(float(inner)))
        case "string_value":
            return inner.decode()
        case "bytes_value":
            return inner
        case "bool_value":
            return inner == "true"
        case "null_value":
            return None
        case "list_value":
            return [_value(each, profile) for each in inner.get("values", [])]
        case "map_value":
            return {
                _value(entry["key"][0], profile): _value(entry["value"][0], profile)
                for entry in inner.get("entries", [])
            }
        case "type_value":
            name = inner.decode()
            name = profile.fraction.kind if name == "double" else name
            return TypeValue(_TYPE_NAMES.get(name, name))
        case "object_value":
            return _well_known(inner)
    raise Mismatch(f"values of the form {form} are not claimed")


def _well_known(message: Message) -> Any:
    (url, (inner, *_)), *_ = message.items()
    seconds = int(inner.get("seconds", [0])[0])
    microseconds = int(inner.get("nanos", [0])[0]) // 1000
    span = timedelta(seconds=seconds, microseconds=microseconds)
    return span if "Duration" in url else datetime(1970, 1, 1, tzinfo=UTC) + span


def _same(value: Any, wanted: Any) -> bool:
    """Compare results exactly, kinds included; a NaN is the same as a NaN."""
    if type(value) is not type(wanted):
        return False
    if isinstance(value, list):
        return len(value) == len(wanted) and all(map(_same, value, wanted))
    if isinstance(value, dict):
        return value.keys() == wanted.keys() and all(_same(value[k], wanted[k]) for k in value)
    if isinstance(value, float) and value != value:
        return bool(wanted != wanted)
    return bool(value == wanted)
