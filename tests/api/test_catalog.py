"""The catalog's seven resources as an outsider meets them: created, read, changed, retired."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kernel.runtime import Runtime
from tests.api.conftest import ApiClient, told
from tests.commerce.builders import (
    ANA,
    a_channel,
    a_listing,
    a_node,
    a_sku,
    a_supplier,
    terms,
)
from tests.conftest import ACME

SCOPES = ("catalog:read", "catalog:write")
MUG = {"code": "MUG", "name": "Coffee mug", "category": "Kitchen", "description": "Holds coffee."}
MUG_BLUE = {
    "code": "MUG-BLUE",
    "name": "Mug, blue",
    "gtin": "4006381333931",
    "packs": [{"unit": "case", "quantity": 12}],
}
POTTERY = {"code": "POTTERY", "name": "Potters", "country": "NL", "currency": "EUR"}
OSLO = {
    "code": "OSLO",
    "name": "Store Oslo",
    "kind": "store",
    "country": "NO",
    "latitude": "59.913868",
    "longitude": "10.752245",
    "fulfilment_types": ["collect"],
}
OSLO_SHOP = {"code": "OSLO", "name": "Oslo", "kind": "store", "currency": "NOK"}
EVERY_RESOURCE = (
    "products", "skus", "suppliers", "supplier-items", "nodes", "channels", "listings",
)  # fmt: skip


@pytest.fixture
def shop(sign_in: Callable[..., ApiClient]) -> ApiClient:
    """A client of ACME that may write the catalog."""
    return sign_in("acme", *SCOPES)


@pytest.fixture
def rival(sign_in: Callable[..., ApiClient]) -> ApiClient:
    """A client of GLOBEX that may write the catalog."""
    return sign_in("globex", *SCOPES)


def shown(answer: TestResponse) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(answer.text)
    return members


def created(client: ApiClient, resource: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.send("POST", f"/api/{resource}", body)
    assert answer.status_code == 201, answer.text
    return shown(answer)


def one_of_each(runtime: Runtime) -> dict[str, str]:
    """Fill ACME's catalog; return an id for every resource."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        sku, supplier, node, channel = a_sku(uow), a_supplier(uow), a_node(uow), a_channel(uow)
        asked, listed = terms(uow, supplier, sku), a_listing(uow, channel, sku)
        ids = (sku.product_id, sku.id, supplier.id, asked.id, node.id, channel.id, listed.id)
    return dict(zip(EVERY_RESOURCE, ids, strict=True))


def test_one_key_makes_one_product(shop: ApiClient) -> None:
    """API-05: sent twice with one key, there is one, and both answers are the same."""
    first = shop.send("POST", "/api/products", MUG, Idempotency_Key="mug-1")
    second = shop.send("POST", "/api/products", MUG, Idempotency_Key="mug-1")

    listed = shown(shop.send("GET", "/api/products"))
    assert (first.status_code, second.status_code) == (201, 201)
    assert shown(first) == shown(second)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert [product["id"] for product in listed["data"]] == [shown(first)["id"]]


def test_a_product_is_shown_as_it_was_written(shop: ApiClient) -> None:
    product = created(shop, "products", MUG)

    answer = shop.send("GET", f"/api/products/{product['id']}")

    assert shown(answer) == product
    assert {name: product[name] for name in MUG} == MUG
    assert (product["version"], product["retired_at"]) == (1, None)
    again = shop.send("GET", f"/api/products/{product['id']}", If_None_Match=answer.headers["ETag"])
    assert again.status_code == 304


def test_a_patch_merges_into_what_was_read(shop: ApiClient) -> None:
    """API-13: null takes away, what is not named stays, and If-Match guards the change."""
    product = created(shop, "products", MUG)
    path = f"/api/products/{product['id']}"
    etag = shop.send("GET", path).headers["ETag"]

    unguarded = shop.send("PATCH", path, {"name": "Mug"})
    changed = shop.send("PATCH", path, {"name": "Mug", "category": None}, If_Match=etag)
    stale = shop.send("PATCH", path, {"name": "Cup"}, If_Match=etag)

    assert unguarded.status_code == 428
    assert shown(changed) == {**product, "name": "Mug", "category": None, "version": 2}
    assert (stale.status_code, told(stale)["code"]) == (412, "state.stale")


def test_what_the_department_refuses_is_told_with_pointers(shop: ApiClient) -> None:
    """API-08: the rules' faults point into what was sent."""
    wrong = {**MUG, "code": " MUG", "name": "Mug\nof two lines"}

    answer = shop.send("POST", "/api/products", wrong)

    faults = [(fault["pointer"], fault["code"]) for fault in told(answer)["errors"]]
    assert answer.status_code == 422
    assert faults == [("/code", "catalog.not_a_line"), ("/name", "catalog.not_a_line")]


def test_a_code_that_is_taken_is_a_conflict(shop: ApiClient) -> None:
    created(shop, "products", MUG)

    answer = shop.send("POST", "/api/products", {**MUG, "code": "mug"})

    assert (answer.status_code, told(answer)["code"]) == (409, "catalog.code_taken")


def test_a_whole_offer_is_built_over_the_api(shop: ApiClient) -> None:
    product = created(shop, "products", MUG)
    sku = created(shop, "skus", {**MUG_BLUE, "product_id": product["id"]})
    supplier, node = created(shop, "suppliers", POTTERY), created(shop, "nodes", OSLO)
    channel = created(shop, "channels", {**OSLO_SHOP, "node_id": node["id"]})
    cost = {"amount": "4.20", "currency": "EUR"}
    price = {"amount": "129.00", "currency": "NOK"}
    asked = {"supplier_id": supplier["id"], "sku_id": sku["id"], "cost": cost}
    asked = created(shop, "supplier-items", {**asked, "lead_time_days": 7})
    offer = {"channel_id": channel["id"], "sku_id": sku["id"], "external_id": "1"}
    listing = created(shop, "listings", {**offer, "price": price})

    found = shown(shop.send("GET", f"/api/listings?sku_id={sku['id']}"))["data"]

    assert sku["packs"] == [{"unit": "case", "quantity": 12}]
    assert (node["latitude"], node["fulfilment_types"]) == ("59.913868", ["collect"])
    assert (asked["cost"], asked["minimum_quantity"]) == (cost, 1)
    assert (listing["price"], found) == (price, [listing])


def test_a_pack_without_a_size_is_a_fault_in_its_place(shop: ApiClient) -> None:
    product = created(shop, "products", MUG)
    sku = created(shop, "skus", {"product_id": product["id"], "code": "M", "name": "M"})
    path = f"/api/skus/{sku['id']}"

    etag = shop.send("GET", path).headers["ETag"]
    answer = shop.send("PATCH", path, {"packs": [{"unit": "case"}]}, If_Match=etag)

    assert [fault["pointer"] for fault in told(answer)["errors"]] == ["/packs/0/quantity"]


@pytest.mark.parametrize("resource", EVERY_RESOURCE)
def test_retirement_is_a_thing_that_is_made_and_taken_back(
    shop: ApiClient, runtime: Runtime, resource: str
) -> None:
    path = f"/api/{resource}/{one_of_each(runtime)[resource]}"

    gone = shop.send("POST", f"{path}/retirement")
    active = shown(shop.send("GET", f"/api/{resource}"))["data"]
    retired = shown(shop.send("GET", f"/api/{resource}?state=retired"))["data"]
    back = shop.send("DELETE", f"{path}/retirement", If_Match=gone.headers["ETag"])

    assert shown(gone)["retired_at"] == "2026-03-02T09:00:00Z"
    assert (active, retired) == ([], [shown(gone)])
    assert (back.status_code, shown(back)["retired_at"]) == (200, None)


@pytest.mark.parametrize("resource", EVERY_RESOURCE)
def test_another_tenants_thing_is_not_there(
    rival: ApiClient, shop: ApiClient, runtime: Runtime, resource: str
) -> None:
    """TEN-03, TEN-04: the same 404 whatever one does to it, and an empty list."""
    identity = one_of_each(runtime)[resource]
    path = f"/api/{resource}/{identity}"
    etag = shop.send("GET", path).headers["ETag"]

    answers = [
        rival.send("GET", path),
        rival.send("PATCH", path, {}, If_Match=etag),
        rival.send("POST", f"{path}/retirement"),
        rival.send("DELETE", f"{path}/retirement", If_Match=etag),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert shown(rival.send("GET", f"/api/{resource}?state=any"))["data"] == []


def test_a_list_is_read_to_its_end_by_following_next(shop: ApiClient) -> None:
    """API-07: sorted by name, three pages, no product twice."""
    for number in range(5):
        created(shop, "products", {"code": f"M-{number}", "name": f"Mug {9 - number}"})

    address, names = "/api/products?sort=name&limit=2&begins_with=mug", []
    while address:
        answer = shown(shop.send("GET", address))
        names += [product["name"] for product in answer["data"]]
        address = answer["next"]

    assert names == ["Mug 5", "Mug 6", "Mug 7", "Mug 8", "Mug 9"]


def test_reading_does_not_let_one_write(sign_in: Callable[..., ApiClient]) -> None:
    reader = sign_in("acme", "catalog:read")

    answer = reader.send("POST", "/api/products", MUG)

    assert (answer.status_code, told(answer)["permission"]) == (403, "catalog:write")
