"""Which refusals an operation may answer with, read from the code that would raise them.

A view names the verbs it calls, and each verb the refusals it raises and the verbs below it. The
names that compiled functions hold are followed through our own rooms, so the document cannot
forget a rule that a department adds. What every view has in common is told by the operation's
declaration instead. `tests/api/contract_hooks.py` compares the result with what is answered.
"""

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any

from api.document import VersionUnknown
from api.guard import JsonTooDeep, JsonUnreadable
from api.oauth.access_tokens import TokenExpired, TokenInvalid
from api.operation import Operation
from api.paging import PageFields
from api.performance import BodyUnexpected, KeyMissing, KeyUnreadable
from kernel.db import Table
from kernel.errors import (
    Conflict,
    Invalid,
    Malformed,
    PermissionMissing,
    PreconditionMissing,
    Refusal,
    StaleWrite,
    Unauthenticated,
    Unavailable,
)
from kernel.idempotency import KeyReused, StillRunning
from kernel.paging import CursorInvalid
from kernel.uow import TenantSuspended
from web.problems import STATUS_BY_KIND
from web.throttling import TooManyRequests

ROOMS = ("api", "commerce", "kernel", "tenants", "workflow_engine")

# A unit of work and what is below it refuse whatever the view: see `_of_house`.
_BELOW = ("kernel.uow", "kernel.runtime", "kernel.db")

# Bodies are refused by the framework before any view: code and sentence as `web.problems` has them.
_OF_BODIES = {
    413: {"request.too_large": "The body is larger than this address accepts."},
    415: {"request.media_type": "The body is not of a media type that this address reads."},
}


def problems_of(declared: Operation, view: Callable[..., Any]) -> Mapping[int, Mapping[str, str]]:
    """Return what an operation may be refused with: status, then code and sentence.

    Of each status the house's own come first, then the department's in the order of their codes.
    """
    found: dict[int, dict[str, str]] = defaultdict(dict)
    departments = sorted(_reachable(view), key=lambda each: each.code)
    for refusal in (*_of_house(declared), *departments):
        status = next(status for kind, status in STATUS_BY_KIND if issubclass(refusal, kind))
        found[status][refusal.code] = (refusal.__doc__ or "").strip().splitlines()[0]
    if declared.body is not None:
        for status, problems in _OF_BODIES.items():
            found[status].update(problems)
    return dict(sorted(found.items()))


def _of_house(declared: Operation) -> Iterator[type[Refusal]]:
    yield from (Malformed, VersionUnknown, Unauthenticated, TokenInvalid, TokenExpired)
    yield from (PermissionMissing, Invalid, TooManyRequests, Unavailable)
    if declared.method != "GET":
        # Conflict: what two transactions did at one moment and one database constraint forbids.
        yield from (TenantSuspended, Conflict)
    if declared.method == "POST":
        yield from (KeyUnreadable, StillRunning, KeyReused)
        if declared.needs_key:
            yield KeyMissing
    if declared.is_guarded:
        yield from (PreconditionMissing, StaleWrite)
    if declared.body is not None:
        yield from (JsonUnreadable, JsonTooDeep)
    else:
        yield BodyUnexpected
    if issubclass(declared.query, PageFields) or "after" in declared.query().fields:
        yield CursorInvalid


def _reachable(view: Callable[..., Any]) -> set[type[Refusal]]:
    seen: set[int] = set()
    found: set[type[Refusal]] = set()
    waiting: list[Any] = [inspect.unwrap(view)]
    while waiting:
        named = waiting.pop()
        if id(named) in seen or not _is_ours(named):
            continue
        seen.add(id(named))
        if isinstance(named, FunctionType):
            waiting.extend(_named_in(named))
        elif isinstance(named, type) and issubclass(named, Refusal):
            if named is not Refusal:  # It is named to be caught, never to be raised.
                found.add(named)
        elif isinstance(named, type) and not issubclass(named, Table):
            waiting.extend(each for each in vars(named).values() if isinstance(each, FunctionType))
    return found


def _is_ours(named: Any) -> bool:
    home = getattr(named, "__module__", None) or ""
    return home.split(".")[0] in ROOMS and home not in _BELOW


def _named_in(function: FunctionType) -> Iterator[Any]:
    """Yield what a function's names stand for; of a module or a table, the members it names."""
    names = {name for code in _codes(function.__code__) for name in code.co_names}
    for name in names:
        named = function.__globals__.get(name)
        if isinstance(named, ModuleType) or (isinstance(named, type) and issubclass(named, Table)):
            yield from (getattr(named, each) for each in names if hasattr(named, each))
        elif named is not None:
            yield named


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _codes(each)
