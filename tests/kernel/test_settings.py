"""Settings are declared once, inherited along scopes, and locked from above."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from kernel.access import Actor, Permission
from kernel.errors import Invalid, NotFound, PermissionMissing, StaleWrite
from kernel.ids import ActorId, TenantId
from kernel.money import Money
from kernel.runtime import Runtime
from kernel.settings import (
    Effective,
    SettingLocked,
    declarations,
    declares_settings,
    effective,
    load,
    reset,
    write,
)
from kernel.verification import VerificationFault, verify
from tests.concurrency.racing import race, raised
from tests.conftest import ACME, GLOBEX

ANA = Actor(ActorId("mem_ana"), "member", "Ana", frozenset({Permission("settings:write")}))
BOB = Actor(ActorId("mem_bob"), "member", "Bob", frozenset())

BRAND, NORTH, BERLIN = "org_brand", "org_north", "nod_berlin"
PATH = [BRAND, NORTH, BERLIN]


FIVE_EUROS = Money(500, "EUR")


@declares_settings("mug_shelves")
@dataclass(frozen=True)
class MugShelves:
    """How mugs are kept."""

    buffer: int = field(default=2, metadata={"label": "Buffer", "help": "Mugs kept back."})
    breakage: Decimal = Decimal("0.01")
    price: Money = FIVE_EUROS
    dusted: bool = False
    label: str = "Mugs"


def put(
    runtime: Runtime,
    path: Sequence[str],
    name: str,
    value: Any,
    *,
    tenant_id: TenantId = ACME,
    **more: Any,
) -> int:
    with runtime.unit_of_work(tenant_id, ANA) as uow:
        return write(uow, path, f"mug_shelves.{name}", value, **more).version


def shelves(runtime: Runtime, path: Sequence[str] = (), tenant_id: TenantId = ACME) -> MugShelves:
    with runtime.unit_of_work(tenant_id, ANA) as uow:
        return load(uow, MugShelves, path)


def holds(runtime: Runtime, name: str, path: Sequence[str]) -> Effective:
    (declaration,) = [each for each in declarations() if each.key == f"mug_shelves.{name}"]
    with runtime.unit_of_work(ACME, ANA) as uow:
        return effective(uow, [declaration], path)[0]


def test_without_any_value_the_defaults_hold(runtime: Runtime) -> None:
    assert shelves(runtime, PATH) == MugShelves()


def test_a_declaration_has_words_for_people(runtime: Runtime) -> None:
    found = {each.key: (each.label, each.help) for each in declarations()}

    assert found["mug_shelves.buffer"] == ("Buffer", "Mugs kept back.")
    assert found["mug_shelves.breakage"] == ("Breakage", "")


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        pytest.param("buffer", 7, 7, id="a whole number"),
        pytest.param("buffer", "7", 7, id="a whole number from a form"),
        pytest.param("breakage", "0.125", Decimal("0.125"), id="a decimal"),
        pytest.param("breakage", Decimal("0.1"), Decimal("0.1"), id="a decimal as such"),
        pytest.param("breakage", 1, Decimal(1), id="a whole number where a decimal is due"),
        pytest.param("price", {"amount": "9.90", "currency": "EUR"}, Money(990, "EUR"), id="money"),
        pytest.param("price", Money(990, "JPY"), Money(990, "JPY"), id="money as such"),
        pytest.param("dusted", True, True, id="yes"),
        pytest.param("label", "Tassen ☕", "Tassen ☕", id="words"),
        pytest.param("label", "", "", id="no words"),
    ],
)
def test_a_value_of_every_type_is_read_back(
    runtime: Runtime, name: str, value: Any, read: Any
) -> None:
    put(runtime, [], name, value)

    found = getattr(shelves(runtime, PATH), name)
    assert (found, type(found)) == (read, type(read))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param("buffer", "seven", "a whole number", id="a word for a number"),
        pytest.param("buffer", 1.5, "a whole number", id="half a mug"),
        pytest.param("buffer", Decimal("1.5"), "a whole number", id="half a mug, exactly"),
        pytest.param("buffer", True, "a whole number", id="yes for a number"),
        pytest.param("buffer", None, "a whole number", id="nothing"),
        pytest.param("buffer", [1], "a whole number", id="a list"),
        pytest.param("breakage", 0.1, "an exact decimal", id="a float"),
        pytest.param("breakage", "NaN", "an exact decimal", id="no number"),
        pytest.param("breakage", "1e999999", "an exact decimal", id="a number too large"),
        pytest.param("breakage", [0, [1], 0], "an exact decimal", id="digits in a list"),
        pytest.param("breakage", (0, (1,), 0), "an exact decimal", id="digits in a tuple"),
        pytest.param("price", "9.90", "an amount with its currency", id="no currency"),
        pytest.param("price", {"amount": "9.90"}, "an amount", id="a currency left out"),
        pytest.param(
            "price", {"amount": "9.999", "currency": "EUR"}, "an amount", id="part of a cent"
        ),
        pytest.param(
            "price", {"amount": 9.9, "currency": "EUR"}, "an amount", id="an amount as a float"
        ),
        pytest.param(
            "price", {"amount": "9", "currency": None}, "an amount", id="a currency of nothing"
        ),
        pytest.param("dusted", "yes", "true or false", id="a word for a truth"),
        pytest.param("dusted", 1, "true or false", id="a number for a truth"),
        pytest.param("label", 3, "text", id="a number for words"),
        pytest.param("label", "a\0b", "text", id="what the database cannot keep"),
    ],
)
def test_a_bad_value_is_refused_with_what_is_expected(
    runtime: Runtime, name: str, value: Any, expected: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        put(runtime, [], name, value)

    (fault,) = refusal.value.errors
    assert (fault.pointer, fault.code) == ("/value", "settings.type")
    assert re.fullmatch(rf"{name.capitalize()} must be {expected}.*\.", fault.detail)
    assert shelves(runtime) == MugShelves()


def test_the_nearest_scope_wins(runtime: Runtime) -> None:
    for scope, value in (([], 3), (PATH[:1], 4), (PATH[:2], 5), (PATH, 6)):
        put(runtime, scope, "buffer", value)

    seen = [shelves(runtime, PATH[:length]).buffer for length in range(4)]

    assert seen == [3, 4, 5, 6]
    assert shelves(runtime, [BRAND, "org_south", "nod_oslo"]).buffer == 4


def test_each_value_says_where_it_was_set(runtime: Runtime) -> None:
    put(runtime, PATH[:2], "buffer", 5)

    near, far = holds(runtime, "buffer", PATH), holds(runtime, "buffer", PATH[:1])
    assert (near.value, near.set_at, near.locked_by) == (5, NORTH, None)
    assert (far.value, far.set_at, far.locked_by) == (2, None, None)


def test_the_tenant_is_the_broadest_scope_whether_named_or_not(runtime: Runtime) -> None:
    put(runtime, [ACME], "buffer", 3)

    assert shelves(runtime, PATH).buffer == shelves(runtime, [ACME, *PATH]).buffer == 3
    assert holds(runtime, "buffer", PATH).set_at == ACME


def test_a_lock_from_above_holds_over_what_is_set_below(runtime: Runtime) -> None:
    put(runtime, PATH, "buffer", 6)
    put(runtime, PATH[:1], "buffer", 4, locked=True)

    held = holds(runtime, "buffer", PATH)
    assert (held.value, held.set_at, held.locked_by) == (4, BRAND, BRAND)


def test_below_a_lock_nothing_can_be_set(runtime: Runtime) -> None:
    put(runtime, PATH[:1], "buffer", 4, locked=True)

    for below in (PATH[:2], PATH):
        with pytest.raises(SettingLocked) as refusal:
            put(runtime, below, "buffer", 9)
        assert refusal.value.facts() == {"key": "mug_shelves.buffer", "locked_by": BRAND}
    assert put(runtime, PATH, "label", "Berlin mugs") == 1


def test_who_locked_may_change_the_value_and_take_the_lock_away(runtime: Runtime) -> None:
    put(runtime, PATH[:1], "buffer", 4, locked=True)
    put(runtime, [], "buffer", 3)
    put(runtime, PATH[:1], "buffer", 5, locked=True)
    assert shelves(runtime, PATH).buffer == 5

    put(runtime, PATH[:1], "buffer", 5)

    put(runtime, PATH, "buffer", 6)
    assert shelves(runtime, PATH).buffer == 6


def test_a_reset_lets_the_broader_value_hold_again(runtime: Runtime) -> None:
    put(runtime, [], "buffer", 3)
    put(runtime, PATH, "buffer", 6)

    with runtime.unit_of_work(ACME, ANA) as uow:
        reset(uow, BERLIN, "mug_shelves.buffer")

    assert shelves(runtime, PATH).buffer == 3
    with pytest.raises(NotFound), runtime.unit_of_work(ACME, ANA) as uow:
        reset(uow, BERLIN, "mug_shelves.buffer")


def test_what_was_reset_and_set_again_is_proven_by_the_log(runtime: Runtime) -> None:
    """AUD-01: the row begins again at its first version; the log tells both its lives."""
    for _ in range(2):
        put(runtime, [], "buffer", 3)
        put(runtime, [], "buffer", 4)
        with runtime.unit_of_work(ACME, ANA) as uow:
            reset(uow, ACME, "mug_shelves.buffer")
        assert faults(runtime) == []
    put(runtime, [], "buffer", 3)

    assert faults(runtime) == []


def faults(runtime: Runtime) -> list[VerificationFault]:
    with runtime.unit_of_work(ACME, ANA, work_class="batch") as uow:
        return verify(uow, runtime.seal).faults


def test_an_unknown_setting_and_a_missing_permission_are_refused(runtime: Runtime) -> None:
    with pytest.raises(NotFound):
        put(runtime, [], "colour", "red")
    with pytest.raises(PermissionMissing), runtime.unit_of_work(ACME, BOB) as uow:
        write(uow, [], "mug_shelves.buffer", 3)
    with pytest.raises(PermissionMissing), runtime.unit_of_work(ACME, BOB) as uow:
        reset(uow, ACME, "mug_shelves.buffer")


def test_a_stale_version_is_refused(runtime: Runtime) -> None:
    first = put(runtime, [], "buffer", 3)
    put(runtime, [], "buffer", 4, expected_version=first)

    with pytest.raises(StaleWrite) as refusal:
        put(runtime, [], "buffer", 5, expected_version=first)

    assert (refusal.value.expected_version, refusal.value.current_version) == (1, 2)


def test_another_tenant_sees_and_sets_its_own(runtime: Runtime) -> None:
    """TEN-05: the same scope ids, even a lock, mean nothing to the other tenant."""
    put(runtime, PATH, "buffer", 6, locked=True)

    assert shelves(runtime, PATH, GLOBEX) == MugShelves()
    put(runtime, PATH, "buffer", 9, tenant_id=GLOBEX)

    assert (shelves(runtime, PATH).buffer, shelves(runtime, PATH, GLOBEX).buffer) == (6, 9)


def test_of_first_writers_at_once_each_is_heard_and_one_is_last(runtime: Runtime) -> None:
    outcomes = race([partial(put, runtime, [], "buffer", value) for value in range(8)])

    assert raised(outcomes, StaleWrite) == 0
    assert sorted(outcomes) == list(range(1, 9))
    assert shelves(runtime).buffer == outcomes.index(8)
