"""Channels send orders again: the same, newer, older, late, and each leads to one order."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from commerce.ids import OrderId
from commerce.orders.amendments import Standing, compare
from commerce.orders.contents import LineContent, OrderContent
from commerce.orders.errors import (
    LineNotCancellable,
    NotAmendable,
    OrderChanged,
    OrderIsOver,
    TooManyLines,
)
from commerce.orders.service import cancel_line, cancel_order, place_order
from commerce.orders.tables import OrderInbox
from kernel.audit import Subject
from kernel.errors import Invalid, NotFound
from kernel.money import Money
from tests.commerce.order_builders import BERGEN, GREG, Shop, a_shop, mugs
from tests.commerce.stock_builders import Merchant
from tests.conftest import MONDAY

LAMPS = mugs(2, sku="LAMP-RED")


@pytest.fixture
def shop(acme: Merchant) -> Shop:
    """Acme's own shop, with mugs and lamps in Berlin."""
    acme.stock(acme.mug, acme.berlin, 9)
    acme.stock(acme.lamp, acme.berlin, 9)
    return a_shop(acme)


def inbox(shop: Shop) -> list[tuple[int, str]]:
    """Return the versions that came in and what each led to."""
    with shop.merchant.work() as uow:
        rows = uow.session.scalars(select(OrderInbox).order_by(OrderInbox.external_version))
        return [(row.external_version, row.outcome) for row in rows]


def standing(shop: Shop, order_id: OrderId) -> list[tuple[str, int, str]]:
    """Return (SKU, quantity, phase) of an order's lines."""
    return [(each.sku_code, each.quantity, each.phase) for each in shop.lines(order_id)]


def test_a_newer_version_keeps_what_is_the_same_and_changes_the_rest(
    acme: Merchant, shop: Shop
) -> None:
    order_id = shop.place(mugs(3), LAMPS)
    (mug, _lamp) = shop.lines(order_id)

    again = shop.place(mugs(3), mugs(1), external_version=2, ship_to=BERGEN)

    assert again == order_id
    assert standing(shop, order_id) == [
        ("MUG-BLUE", 3, "allocated"),
        ("LAMP-RED", 2, "cancelled"),
        ("MUG-BLUE", 1, "allocated"),
    ]
    assert shop.lines(order_id)[0].version == mug.version
    assert acme.buckets(acme.lamp, acme.berlin) == {"available": 9}
    assert inbox(shop) == [(1, "placed"), (2, "amended")]
    (told,) = shop.events("order.amended")
    assert (told["added"], told["dropped"], told["total"]["amount"]) == (1, 1, "20.00")
    assert shop.proves_sound()


def test_versions_that_come_late_change_nothing_in_whatever_order(
    acme: Merchant, shop: Shop
) -> None:
    third = shop.place(mugs(3), external_version=3)
    first = shop.place(mugs(1), external_version=1)
    second = shop.place(LAMPS, external_version=2)
    again = shop.place(mugs(1), external_version=1)

    assert {first, second, again} == {third}
    assert standing(shop, third) == [("MUG-BLUE", 3, "allocated")]
    assert inbox(shop) == [(1, "late"), (2, "late"), (3, "placed")]
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 6, "committed": 3}
    assert shop.proves_sound()


def test_an_order_that_is_over_takes_no_newer_version(acme: Merchant, shop: Shop) -> None:
    order_id = shop.place(mugs(3))
    with acme.work() as uow:
        cancel_order(uow, order_id, reason="regret", key="c1")

    with pytest.raises(OrderIsOver):
        shop.place(mugs(1), external_version=2)

    assert standing(shop, order_id) == [("MUG-BLUE", 3, "cancelled")]
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 9}
    assert inbox(shop) == [(1, "placed")]


def test_each_version_says_one_thing(shop: Shop) -> None:
    shop.place(mugs(3), external_version=2)
    shop.place(mugs(1), external_version=1)

    for version in (1, 2):
        with pytest.raises(OrderChanged):
            shop.place(mugs(2), external_version=version)

    assert inbox(shop) == [(1, "late"), (2, "placed")]


def test_an_order_placed_long_ago_is_taken_in_today(shop: Shop) -> None:
    order_id = shop.place(mugs(1), placed_at=MONDAY - timedelta(days=400))

    assert shop.outcomes(order_id) == [("allocated", 0)]


def test_a_newer_version_brings_a_given_up_line_back_as_a_new_one(
    acme: Merchant, shop: Shop
) -> None:
    order_id = shop.place(mugs(3), LAMPS)
    with acme.work() as uow:
        cancel_line(uow, shop.lines(order_id)[0].id, reason="regret", key="c1")

    shop.place(mugs(3), LAMPS, external_version=2)

    assert standing(shop, order_id) == [
        ("MUG-BLUE", 3, "cancelled"),
        ("LAMP-RED", 2, "allocated"),
        ("MUG-BLUE", 3, "allocated"),
    ]
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 6, "committed": 3}
    assert shop.proves_sound()


def changed(**said: object) -> Callable[[OrderContent], OrderContent]:
    """Spell a newer version that says something else."""
    return lambda content: replace(content, external_version=2, **said)  # type: ignore[arg-type] # Any field.


def test_a_newer_version_neither_changes_the_customer_nor_the_way_of_delivery(
    acme: Merchant, shop: Shop
) -> None:
    shop.place(mugs(3))
    versions = [changed(customer=GREG), changed(ship_to=None, collect_at=acme.oslo)]

    for version in versions:
        with pytest.raises(NotAmendable), acme.work() as uow:
            place_order(uow, version(shop.order(mugs(3))))

    assert inbox(shop) == [(1, "placed")]


def test_a_newer_version_cannot_take_back_what_has_left(acme: Merchant, shop: Shop) -> None:
    order_id = shop.place(mugs(3), LAMPS)
    with acme.work() as uow:
        line = uow.session.merge(shop.lines(order_id)[0])
        line.phase = "fulfilled"
        uow.record("tests.fulfil", Subject("order", order_id))
    with pytest.raises(LineNotCancellable):
        shop.place(LAMPS, external_version=2)

    assert acme.buckets(acme.lamp, acme.berlin) == {"available": 7, "committed": 2}
    assert inbox(shop) == [(1, "placed")]


def test_an_order_is_not_changed_for_ever(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("commerce.orders.amending.LINES_EVER_MAX", 3)
    order_id = shop.place(mugs(1))
    shop.place(mugs(2), external_version=2)
    shop.place(mugs(3), external_version=3)

    with pytest.raises(TooManyLines):
        shop.place(mugs(4), external_version=4)

    assert len(shop.lines(order_id)) == 3


@pytest.mark.parametrize("version", [0, -1, 10**9 + 1])
def test_a_version_nobody_can_mean_is_pointed_at(shop: Shop, version: int) -> None:
    with pytest.raises(Invalid) as refused:
        shop.place(mugs(1), external_version=version)

    assert [fault.pointer for fault in refused.value.errors] == ["/external_version"]


def test_one_merchant_changes_nothing_of_anothers_order(
    acme: Merchant, globex: Merchant, shop: Shop
) -> None:
    """TEN-05: the channel's own number is the channel's, and the channel is the tenant's."""
    order_id = shop.place(mugs(3))
    foreign = replace(shop.order(mugs(1)), external_version=2)

    with pytest.raises(NotFound), globex.work() as uow:
        place_order(uow, foreign)
    own = a_shop(globex).place(mugs(3), external_version=2)

    assert own != order_id
    assert standing(shop, order_id) == [("MUG-BLUE", 3, "allocated")]


lines = st.lists(
    st.builds(
        LineContent,
        st.sampled_from(["MUG", "mug", "LAMP"]),
        st.integers(1, 3),
        st.sampled_from([Money(100, "EUR"), Money(200, "EUR")]),
    ),
    max_size=6,
)


@given(before=lines, after=lines)
def test_what_is_kept_and_what_is_added_make_up_the_new_version(
    before: list[LineContent], after: list[LineContent]
) -> None:
    present = [Standing(str(number), line) for number, line in enumerate(before)]  # type: ignore[arg-type] # Ids of lines.

    change = compare(present, after)

    kept = [before[int(line_id)] for line_id in change.kept]
    assert sorted(map(shape, [*kept, *change.added])) == sorted(map(shape, after))
    assert sorted([*change.kept, *change.dropped]) == sorted(each.line_id for each in present)
    assert not {shape(before[int(each)]) for each in change.dropped} & set(map(shape, change.added))


def shape(line: LineContent) -> tuple[str, int, int]:
    """Return what makes a line the same as another."""
    return line.sku_code.lower(), line.quantity, line.price.minor
