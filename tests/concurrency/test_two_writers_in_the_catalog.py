"""Two real transactions at once in the catalog: one wins, the other is told why it did not."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest

from commerce.catalog import service
from commerce.catalog.errors import CodeTaken, CurrencyFixed, Retired
from kernel.errors import StaleWrite
from kernel.runtime import Runtime
from kernel.uow import UnitOfWork
from tests.commerce.builders import (
    ANA,
    MUG,
    MUG_BLUE,
    SHOP,
    a_channel,
    a_listing,
    a_product,
    a_sku,
)
from tests.conftest import ACME

PATIENCE_SECONDS = 10


def while_held(
    runtime: Runtime,
    first: Callable[[UnitOfWork], object],
    second: Callable[[UnitOfWork], object],
) -> Future[object]:
    """Do `first`, start `second` in another transaction before the first commits, then commit."""

    def attempt() -> object:
        with runtime.unit_of_work(ACME, ANA) as uow:
            started.set()
            return second(uow)

    started = Event()
    with ThreadPoolExecutor(1) as pool:
        with runtime.unit_of_work(ACME, ANA) as uow:
            first(uow)
            waiting = pool.submit(attempt)
            assert started.wait(PATIENCE_SECONDS)
            # The second is on its way into the lock; it cannot end before this block does.
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        waiting.exception(timeout=PATIENCE_SECONDS)
    return waiting


def test_of_two_products_with_one_code_the_second_is_refused(runtime: Runtime) -> None:
    second = while_held(
        runtime, lambda uow: a_product(uow, MUG), lambda uow: a_product(uow, MUG, code="mug")
    )

    assert isinstance(second.exception(), CodeTaken)


def test_of_two_changes_to_what_both_read_the_second_is_stale(runtime: Runtime) -> None:
    """API-13: the second waits for the lock, then sees the version that the first left."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        mug = a_product(uow)

    second = while_held(
        runtime,
        lambda uow: service.change_product(
            uow, mug.id, replace(MUG, name="Mug"), expected_version=1
        ),
        lambda uow: service.change_product(
            uow, mug.id, replace(MUG, name="Cup"), expected_version=1
        ),
    )

    assert isinstance(second.exception(), StaleWrite)


def test_no_sku_slips_under_a_product_that_is_being_retired(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        mug = a_product(uow)

    second = while_held(
        runtime,
        lambda uow: service.retire_product(uow, mug.id),
        lambda uow: service.create_sku(uow, mug.id, MUG_BLUE),
    )

    assert isinstance(second.exception(), Retired)


def test_a_currency_does_not_change_under_a_listing_being_added(runtime: Runtime) -> None:
    with runtime.unit_of_work(ACME, ANA) as uow:
        shop, mug = a_channel(uow), a_sku(uow)

    second = while_held(
        runtime,
        lambda uow: a_listing(uow, shop, mug),
        lambda uow: service.change_channel(uow, shop.id, replace(SHOP, currency="USD")),
    )

    assert isinstance(second.exception(), CurrencyFixed)
