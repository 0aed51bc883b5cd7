"""A definition that has each new product approved: runs and tasks for tests of the API."""

from typing import Any

APPROVE_PRODUCTS: dict[str, Any] = {
    "format": "wareflow.definition/1",
    "key": "approve-products",
    "name": "Approve products",
    "semantics": "scxml-1.0",
    "expressions": "cel/1",
    "subject": {"type": "product", "id": "input.product_id"},
    "start": [
        {
            "id": "on_created",
            "event": "product.created",
            "dedupe": "event.id",
            "one_active_per": "subject",
            "input": [{"id": "product_id", "value": "event.data.product_id"}],
        }
    ],
    "input": [{"id": "product_id", "type": "string"}],
    "initial": "approving",
    "states": [
        {
            "id": "approving",
            "invoke": {
                "id": "approval",
                "kind": "approval",
                "subject": {
                    "type": "product",
                    "id": "input.product_id",
                    "version": "1",
                    "digest": "'digest-of-the-product'",
                    "requester": "'mem_somebody'",
                },
                "covers": ["name"],
                "stages": [
                    {
                        "id": "lead",
                        "candidates": [{"role": "buyer_lead"}],
                        "quorum": {"approve": 1, "reject": 1},
                    }
                ],
                "separation": ["not_requester"],
                "delegation": {"allowed": False},
                "on_reentry": "restart",
            },
            "transitions": [
                {"id": "t_decided", "event": "done.invoke.approval", "target": "decided"}
            ],
        },
        {"id": "decided", "type": "final", "outcome": "decided"},
    ],
}
