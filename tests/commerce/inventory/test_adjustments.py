"""Counts and corrections: compared with the books, and approved where the policy says so."""

from dataclasses import replace
from typing import Any

import pytest

from commerce.ids import AdjustmentId
from commerce.inventory import goods
from commerce.inventory.adjustments import (
    one_adjustment,
    post_adjustment,
    propose_adjustment,
    reject_adjustment,
)
from commerce.inventory.allocation import Demand
from commerce.inventory.errors import (
    AdjustmentDecided,
    ApprovalNeeded,
    CountedMeanwhile,
    NotAsApproved,
    OnHandChanged,
    OutOfStock,
    OwnAdjustment,
)
from commerce.inventory.service import Owner, reserve
from kernel.access import Actor, Permission
from kernel.errors import Invalid, NotFound, PermissionMissing
from kernel.ids import ActorId
from kernel.settings import write
from tests.commerce.builders import ANA
from tests.commerce.stock_builders import Merchant

LEA = Actor(ActorId("mem_lea"), "member", "Lea", frozenset({Permission("inventory:adjust")}))
LEO = replace(LEA, id=ActorId("mem_leo"), name="Leo")


@pytest.fixture
def stocked(acme: Merchant) -> Merchant:
    """Acme, with nine mugs in Berlin; corrections of more than three units need two people."""
    acme.stock(acme.mug, acme.berlin, 9)
    with acme.work() as uow:
        write(uow, (), "inventory.approval_above", 3)
    return acme


def adjust(merchant: Merchant, difference: int, **said: Any) -> int:
    """Correct the mugs of Berlin."""
    with merchant.work(LEA) as uow:
        shelf = merchant.shelf(merchant.mug, merchant.berlin)
        return goods.adjust(uow, shelf, difference, reason="found", **{"key": "a1", **said})


def count(merchant: Merchant, counted: int, expected: int, *, key: str = "k1") -> int:
    """Count the mugs of Berlin."""
    with merchant.work(LEA) as uow:
        shelf = merchant.shelf(merchant.mug, merchant.berlin)
        return goods.count(
            uow, shelf, counted, expected_quantity=expected, reason="stocktaking", key=key
        )


def propose(merchant: Merchant, difference: int, **said: Any) -> AdjustmentId:
    """Propose a correction of the mugs of Berlin."""
    with merchant.work(LEA) as uow:
        shelf = merchant.shelf(merchant.mug, merchant.berlin)
        return propose_adjustment(uow, shelf, difference, reason="flood", **{"key": "p1", **said})


def digest(merchant: Merchant, identity: AdjustmentId) -> str:
    """Return what an approval covers."""
    with merchant.work() as uow:
        return one_adjustment(uow, identity).digest


def test_few_units_are_corrected_by_one_person_and_many_need_two(stocked: Merchant) -> None:
    assert adjust(stocked, 3) == 12

    for difference in (4, -4):
        with pytest.raises(ApprovalNeeded) as refused:
            adjust(stocked, difference, key=f"a{difference}")

    assert (refused.value.units, refused.value.limit) == (4, 3)
    assert stocked.buckets(stocked.mug, stocked.berlin) == {"available": 12}


def test_a_correction_moves_nothing_until_somebody_else_has_approved_just_it(
    stocked: Merchant,
) -> None:
    identity = propose(stocked, -5)
    approved = digest(stocked, identity)
    before = stocked.buckets(stocked.mug, stocked.berlin)

    with pytest.raises(OwnAdjustment), stocked.work(LEA) as uow:
        post_adjustment(uow, identity, approved_digest=approved, key="x1")
    with pytest.raises(NotAsApproved), stocked.work(LEO) as uow:
        post_adjustment(uow, identity, approved_digest="sha256:other", key="x2")
    with stocked.work(LEO) as uow:
        available = post_adjustment(uow, identity, approved_digest=approved, key="x3")
    with stocked.work(LEO) as uow:
        again = post_adjustment(uow, identity, approved_digest=approved, key="x3")

    assert (before, available, again) == ({"available": 9}, 4, 4)
    with pytest.raises(AdjustmentDecided), stocked.work(LEO) as uow:
        post_adjustment(uow, identity, approved_digest=approved, key="x4")
    with pytest.raises(AdjustmentDecided), stocked.work(LEO) as uow:
        reject_adjustment(uow, identity, reason="too late", key="x5")
    assert stocked.proves_sound()


def test_a_rejected_correction_is_never_made(stocked: Merchant) -> None:
    identity = propose(stocked, 5)
    approved = digest(stocked, identity)

    with stocked.work(LEO) as uow:
        reject_adjustment(uow, identity, reason="count again", key="x1")
    with pytest.raises(AdjustmentDecided), stocked.work(LEO) as uow:
        post_adjustment(uow, identity, approved_digest=approved, key="x2")

    assert stocked.buckets(stocked.mug, stocked.berlin) == {"available": 9}


def test_two_corrections_alike_have_digests_of_their_own(stocked: Merchant) -> None:
    """An approval of one is not spent on the other."""
    first = propose(stocked, 5)
    with stocked.work(LEA) as uow:
        shelf = stocked.shelf(stocked.mug, stocked.berlin)
        second = propose_adjustment(uow, shelf, 5, reason="flood", key="p2")

    with pytest.raises(NotAsApproved), stocked.work(LEO) as uow:
        post_adjustment(uow, second, approved_digest=digest(stocked, first), key="x")


def test_an_approved_correction_still_meets_the_stock_as_it_is_now(stocked: Merchant) -> None:
    counted, held = propose(stocked, -5, expected_available=9), propose(stocked, -5, key="p2")
    with stocked.work() as uow:
        demand = Demand(stocked.mug, stocked.berlin, 6)
        reserve(uow, [demand], owner=Owner("cart", "c"), key="hold")

    with pytest.raises(CountedMeanwhile), stocked.work(LEO) as uow:
        post_adjustment(uow, counted, approved_digest=digest(stocked, counted), key="x1")
    with pytest.raises(OutOfStock), stocked.work(LEO) as uow:
        post_adjustment(uow, held, approved_digest=digest(stocked, held), key="x2")

    assert stocked.buckets(stocked.mug, stocked.berlin) == {"available": 3, "reserved": 6}


def test_a_count_sets_what_is_on_hand_and_what_is_held_stays_held(stocked: Merchant) -> None:
    with stocked.work() as uow:
        demand = Demand(stocked.mug, stocked.berlin, 4)
        reserve(uow, [demand], owner=Owner("cart", "c"), key="hold")

    difference = count(stocked, 7, 9)
    nothing = count(stocked, 7, 7, key="k2")
    with pytest.raises(OutOfStock), stocked.work() as uow:
        write(uow, (), "inventory.approval_above", 99)
        shelf = stocked.shelf(stocked.mug, stocked.berlin)
        goods.count(uow, shelf, 3, expected_quantity=7, reason="flood", key="k3")

    assert (difference, nothing, count(stocked, 7, 9)) == (-2, 0, -2)
    assert stocked.buckets(stocked.mug, stocked.berlin) == {"available": 3, "reserved": 4}
    assert stocked.proves_sound()


def test_a_count_of_books_that_have_changed_is_refused(stocked: Merchant) -> None:
    """Two stocktakers, or an ERP's feed that is late: the second compares with what is gone."""
    count(stocked, 8, 9)

    with pytest.raises(OnHandChanged) as refused:
        count(stocked, 10, 9, key="k2")

    assert (refused.value.expected, refused.value.on_hand) == (9, 8)


def test_a_count_that_is_far_off_needs_two_people(stocked: Merchant) -> None:
    with pytest.raises(ApprovalNeeded):
        count(stocked, 5, 9)


def test_what_nobody_can_mean_is_refused(stocked: Merchant) -> None:
    for counted in (-1, 10**12):
        with pytest.raises(Invalid):
            count(stocked, counted, 9)
    for difference in (0, 10**12):
        with pytest.raises(Invalid):
            propose(stocked, difference)


def test_corrections_need_permission_and_stay_in_their_house(
    stocked: Merchant, globex: Merchant
) -> None:
    identity = propose(stocked, 5)
    shelf = stocked.shelf(stocked.mug, stocked.berlin)

    with pytest.raises(NotFound), globex.work() as uow:
        post_adjustment(uow, identity, approved_digest="x", key="x")
    with pytest.raises(NotFound), globex.work() as uow:
        reject_adjustment(uow, identity, reason="x", key="x")
    with pytest.raises(NotFound), globex.work() as uow:
        propose_adjustment(uow, shelf, 1, reason="x", key="x")
    with pytest.raises(NotFound), globex.work() as uow:
        goods.count(uow, shelf, 1, expected_quantity=0, reason="x", key="x")
    with pytest.raises(PermissionMissing), stocked.work(ANA) as uow:
        post_adjustment(uow, identity, approved_digest="x", key="x")
    with pytest.raises(PermissionMissing), stocked.work(ANA) as uow:
        reject_adjustment(uow, identity, reason="x", key="x")
    with pytest.raises(PermissionMissing), stocked.work(ANA) as uow:
        goods.count(uow, shelf, 1, expected_quantity=9, reason="x", key="x")
