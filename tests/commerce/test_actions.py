"""What workflows can do: each action is safe to repeat, and its undo puts everything back."""

from collections.abc import Mapping
from typing import Any

import pytest
from marshmallow import ValidationError
from sqlalchemy import select

from commerce.inventory.actions import ACTIONS as INVENTORY
from commerce.inventory.adjustments import propose_adjustment
from commerce.inventory.errors import OutOfStock
from commerce.orders.actions import ACTIONS as ORDERS
from commerce.procurement.actions import ACTIONS as PROCUREMENT
from commerce.procurement.errors import NoSupplier
from commerce.procurement.tables import SupplierRequest
from commerce.warehouse.actions import ACTIONS as WAREHOUSE
from kernel.actions import Catalogue
from kernel.canonical import to_json
from kernel.exception_actions import ACTIONS as EXCEPTIONS
from kernel.exceptions import ExceptionCase
from tests.commerce.order_builders import a_shop, mugs
from tests.commerce.purchase_builders import WORKFLOW, Desk, a_desk
from tests.commerce.stock_builders import SHOP_SYSTEM, Merchant

CATALOGUE = Catalogue([*INVENTORY, *ORDERS, *PROCUREMENT, *WAREHOUSE, *EXCEPTIONS])


def run(merchant: Merchant, name: str, given: Mapping[str, Any], step: str = "stp_1") -> Any:
    """Run an action as a workflow's step does, and prove that its output is what it declares."""
    action = CATALOGUE[name]
    with merchant.work(WORKFLOW) as uow:
        output = to_json(action.run(uow, action.input().load(given), step))
    assert action.output().validate(output) == {}
    return output


def undo(merchant: Merchant, name: str, output: Mapping[str, Any], step: str = "stp_2") -> Any:
    """Undo an action by what it answered."""
    action = CATALOGUE[name]
    assert action.undo is not None
    with merchant.work(WORKFLOW) as uow:
        return to_json(action.undo(uow, output, step))


@pytest.fixture
def desk(acme: Merchant) -> Desk:
    """Acme's purchasing desk."""
    return a_desk(acme)


def test_reserve_holds_where_most_is_free_and_its_undo_gives_back(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 3)
    acme.stock(acme.mug, acme.oslo, 5)
    wish = {"sku": "mug-blue", "quantity": 2, "order_line_id": "line_1"}

    output = run(acme, "inventory.reserve", wish)
    again = run(acme, "inventory.reserve", wish)
    held = acme.buckets(acme.mug, acme.oslo)
    undo(acme, "inventory.reserve", output)

    assert (output["node_id"], again) == (acme.oslo, output)
    assert held == {"available": 3, "reserved": 2}
    assert acme.buckets(acme.mug, acme.oslo) == {"available": 5}
    assert acme.proves_sound()


def test_reserve_says_what_is_there_when_it_is_too_little(acme: Merchant) -> None:
    wish = {"sku": "MUG-BLUE", "quantity": 2, "order_line_id": "line_1"}

    with pytest.raises(OutOfStock):
        run(acme, "inventory.reserve", wish)
    acme.stock(acme.mug, acme.berlin, 1)
    with pytest.raises(OutOfStock) as refused:
        run(acme, "inventory.reserve", wish)

    assert refused.value.shortages[0].available == 1


def test_release_gives_back(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 3)
    wish = {"sku": "MUG-BLUE", "quantity": 2, "order_line_id": "l", "node_id": acme.berlin}
    output = run(acme, "inventory.reserve", wish)

    run(acme, "inventory.release", {"reservation_id": output["reservation_id"]}, "stp_2")

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 3}


def test_transfer_and_its_undo(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 3)
    given = {"sku": "MUG-BLUE", "quantity": 2, "source": acme.berlin, "target": acme.oslo}

    output = run(acme, "inventory.transfer", given)
    there = acme.buckets(acme.mug, acme.oslo)
    undo(acme, "inventory.transfer", output)

    assert there == {"available": 2}
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 3}
    assert acme.proves_sound()


def test_adjust_and_its_undo(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 3)
    given = {"sku": "MUG-BLUE", "node_id": acme.berlin, "difference": -2, "reason": "broke"}

    output = run(acme, "inventory.adjust", given)
    undo(acme, "inventory.adjust", output)

    assert output["available"] == 1
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 3}
    assert acme.proves_sound()


def test_a_line_is_given_up_once_however_often_the_step_runs(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 3)
    shop = a_shop(acme)
    (line,) = shop.lines(shop.place(mugs(2)))
    given = {"order_line_id": line.id, "reason": "supplier cannot deliver"}

    outputs = [run(acme, "orders.cancel_line", given) for _ in range(2)]

    assert outputs == [{"order_line_id": line.id, "released": 2}] * 2
    assert shop.proves_sound()


def test_ask_supplier_and_its_undo(acme: Merchant, desk: Desk) -> None:
    given = {"supplier_id": desk.supplier_id, "sku": "MUG-BLUE", "quantity": 3}

    output = run(acme, "procurement.ask_supplier", given)
    undo(acme, "procurement.ask_supplier", output)

    with acme.work() as uow:
        row = uow.session.get_one(SupplierRequest, (acme.tenant_id, output["request_id"]))
    assert row.state == "withdrawn"


def test_a_backorder_without_a_supplier_is_refused_as_such(acme: Merchant, desk: Desk) -> None:
    given = {"supplier_id": "", "sku": "MUG-BLUE", "quantity": 3}

    with pytest.raises(NoSupplier):
        run(acme, "procurement.ask_supplier", given)


def test_draft_answers_what_an_approval_covers_and_its_undo_voids(
    acme: Merchant, desk: Desk
) -> None:
    given = {"sku": "MUG-BLUE", "quantity": 3, "node_id": acme.berlin, "order_line_id": "line_1"}

    output = run(acme, "procurement.draft_order", given)
    again = run(acme, "procurement.draft_order", given)
    undo(acme, "procurement.draft_order", output)

    assert again == output
    assert output == {
        "po_id": output["po_id"],
        "version": 1,
        "digest": desk.order(output["po_id"]).digest,
        "requester_id": "mem_bea",
        "supplier_id": desk.supplier_id,
        "total": {"amount": "25.20", "currency": "EUR"},
    }
    assert desk.order(output["po_id"]).phase == "voided"


def test_submit_answers_the_version_it_made_and_its_undo_voids(acme: Merchant, desk: Desk) -> None:
    order = desk.draft()

    output = run(acme, "procurement.submit_order", {"po_id": order.id})
    phase = desk.order(order.id).phase
    undo(acme, "procurement.submit_order", output)

    assert (phase, output["version"], output["digest"]) == ("pending_approval", 2, order.digest)
    assert desk.order(order.id).phase == "voided"


def test_send_and_its_undo(acme: Merchant, desk: Desk) -> None:
    order = desk.draft()
    given = {"po_id": order.id, "approved_digest": order.digest}

    output = run(acme, "procurement.send_order", given)
    assert run(acme, "procurement.send_order", given) == output
    incoming = acme.buckets(acme.mug, acme.berlin)
    undo(acme, "procurement.send_order", output)

    assert incoming == {"incoming": 6}
    assert acme.buckets(acme.mug, acme.berlin) == {}
    assert desk.order(order.id).phase == "cancelled"
    assert desk.proves_sound()


def test_void_cancel_and_receive_do_what_they_say(acme: Merchant, desk: Desk) -> None:
    voided, cancelled, received = (desk.draft(key=f"d{number}") for number in range(3))
    desk.send(cancelled, key="s1")
    desk.send(received, key="s2")
    desk.deliver(received, 6)

    run(acme, "procurement.void_order", {"po_id": voided.id}, "stp_v")
    run(acme, "procurement.cancel_order", {"po_id": cancelled.id}, "stp_c")
    output = run(acme, "procurement.receive_order", {"po_id": received.id}, "stp_r")

    phases = [desk.order(order.id).phase for order in (voided, cancelled, received)]
    assert phases == ["voided", "cancelled", "received"]
    assert output == {"po_id": received.id, "quantity": 6, "missing": 0}
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 6}
    assert desk.proves_sound()


@pytest.mark.parametrize("quantity", [0, -1, 1.5, "2", 10**12])
def test_quantities_nobody_can_mean_are_refused_before_anything_runs(
    acme: Merchant, quantity: object
) -> None:
    with pytest.raises(ValidationError):
        run(
            acme,
            "inventory.reserve",
            {"sku": "MUG-BLUE", "quantity": quantity, "order_line_id": "l"},
        )


def test_an_order_is_held_and_its_undo_lets_it_go_on(acme: Merchant) -> None:
    order_id = a_shop(acme).place(mugs(1))

    output = run(acme, "orders.hold", {"order_id": order_id, "reason": "fraud check"})
    undo(acme, "orders.hold", output)
    undo(acme, "orders.hold", output, step="stp_3")

    held = run(acme, "orders.hold", {"order_id": order_id, "reason": "again"}, step="stp_4")
    resumed = run(acme, "orders.resume", held, step="stp_5")
    assert resumed == {"order_id": order_id, "routed": 0, "still_held": 0}


def test_an_order_is_released_and_its_undo_calls_it_back(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    shop = a_shop(acme)
    order_id = shop.place(mugs(2))

    output = run(acme, "orders.release", {"order_id": order_id})
    again = run(acme, "orders.release", {"order_id": order_id})
    undo(acme, "orders.release", output)
    second = run(acme, "orders.release", {"order_id": order_id}, step="stp_3")

    assert (output["parcels"], again) == (1, output)
    assert second["fulfilment_order_ids"] != output["fulfilment_order_ids"]
    assert shop.proves_sound()


def test_a_parcel_is_held_picked_packed_and_cancelled_once_however_often_the_step_runs(
    acme: Merchant,
) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    shop = a_shop(acme)
    released = run(acme, "orders.release", {"order_id": shop.place(mugs(2))})
    one = {"fulfilment_order_id": released["fulfilment_order_ids"][0]}
    why = {**one, "reason": "no boxes"}

    held = run(acme, "warehouse.hold", why, step="h")
    assert run(acme, "warehouse.hold", why, step="h") == held
    undo(acme, "warehouse.hold", held)
    for name in ("warehouse.release", "warehouse.pick", "warehouse.pack"):
        assert run(acme, name, one, step=name) == run(acme, name, one, step=name) == one
    assert run(acme, "warehouse.cancel", why, step="c") == one
    assert run(acme, "warehouse.cancel", why, step="c") == one

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 3, "committed": 2}
    assert shop.proves_sound()


def test_an_order_is_fulfilled_or_given_up_once_however_often_the_step_runs(
    acme: Merchant,
) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    shop = a_shop(acme)
    one = {"order_id": shop.place(mugs(2))}
    other = {"order_id": shop.place(mugs(1), number="A-2"), "reason": "regret"}

    left = run(acme, "orders.fulfil", one)
    given_up = run(acme, "orders.cancel", other, step="stp_3")

    assert run(acme, "orders.fulfil", one) == left == {**one, "parcels": 1}
    assert run(acme, "orders.cancel", other, step="stp_3") == given_up
    assert given_up["released"] == 1
    assert acme.buckets(acme.mug, acme.berlin) == {"available": 3}
    assert shop.proves_sound()


def test_units_are_sent_to_another_node_and_its_undo_turns_them_round(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    wish = {"sku": "MUG-BLUE", "quantity": 2, "source": acme.berlin, "target": acme.oslo}

    first = run(acme, "inventory.ship_transfer", wish)
    undo(acme, "inventory.ship_transfer", first)
    second = run(acme, "inventory.ship_transfer", wish, step="stp_3")
    for _again in range(2):
        assert run(acme, "inventory.receive_transfer", second, step="stp_4") == second

    assert acme.buckets(acme.mug, acme.berlin) == {"available": 3}
    assert acme.buckets(acme.mug, acme.oslo) == {"available": 2}
    assert acme.proves_sound()


def test_a_proposed_correction_is_read_and_made_or_rejected(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    shelf, made = acme.shelf(acme.mug, acme.berlin), []
    for key in ("p1", "p2"):
        with acme.work() as uow:
            made.append(propose_adjustment(uow, shelf, -2, reason="broken", key=key))
    first, second = ({"adjustment_id": each} for each in made)

    seen = run(acme, "inventory.review_adjustment", first)
    posting = {**first, "approved_digest": seen["digest"]}
    posted = run(acme, "inventory.post_adjustment", posting, step="stp_2")
    rejection = {**second, "reason": "count again"}
    rejected = run(acme, "inventory.reject_adjustment", rejection, step="stp_3")

    assert (seen["difference"], seen["requester_id"]) == (-2, SHOP_SYSTEM.id)
    assert (posted, rejected) == ({**first, "available": 3}, second)
    assert run(acme, "inventory.post_adjustment", posting, step="stp_2") == posted


def test_a_line_is_rerouted_once_however_often_the_step_runs(acme: Merchant) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    acme.stock(acme.mug, acme.oslo, 5)
    shop = a_shop(acme)
    (line,) = shop.lines(shop.place(mugs(2)))
    wish = {"order_line_id": line.id, "node_id": acme.oslo}

    for _again in range(2):
        assert run(acme, "orders.reroute_line", wish) == wish

    assert acme.buckets(acme.mug, acme.oslo) == {"available": 3, "committed": 2}
    assert shop.proves_sound()


def test_a_case_is_closed_once_and_by_whoever_is_faster(acme: Merchant) -> None:
    a_shop(acme).place(mugs(1, sku="TEAPOT"))
    with acme.work() as uow:
        identity = uow.session.scalars(select(ExceptionCase.id)).one()
    wish = {"exception_id": identity, "resolution": "Added the SKU."}

    for step in ("stp_1", "stp_1", "stp_2"):
        assert run(acme, "exceptions.resolve", wish, step) == {"exception_id": identity}

    with acme.work() as uow:
        case = uow.session.scalars(select(ExceptionCase)).one()
    assert (case.state, case.resolution) == ("resolved", "Added the SKU.")
