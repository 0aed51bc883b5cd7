"""A workflow that asks customer service a question whenever a line must wait."""

import json
from typing import Any

from kernel.ids import TenantId
from kernel.runtime import Runtime
from tests.builder_ui.portal.trading import FLOW, Trade
from tests.commerce.order_builders import a_shop
from tests.commerce.purchase_builders import a_desk
from tests.commerce.stock_builders import a_merchant
from tests.conftest import ACME
from workflow_engine.runtime.engine import engine_of
from workflow_engine.runtime.publishing import publish

ASK = {
    "id": "ask",
    "kind": "human",
    "title": "A line must wait",
    "candidates": [{"role": "customer_service"}],
    "form": [
        {
            "id": "choice",
            "label": "What shall happen?",
            "type": "enum",
            "values": ["wait", "try_again"],
            "required": True,
        },
        {"id": "days", "label": "For how many days?", "type": "int", "max": "30"},
        {"id": "told", "label": "The customer knows", "type": "bool"},
        {"id": "note", "label": "Note", "type": "string", "max_length": 500},
    ],
}


def question() -> dict[str, Any]:
    """Return the definition: it asks, and ends with the answer."""
    document: dict[str, Any] = json.loads(FLOW.read_text())
    states = [
        {
            "id": "asking",
            "label": "Asking customer service",
            "invoke": ASK,
            "transitions": [{"id": "t_said", "event": "done.invoke.ask", "target": "said"}],
        },
        {"id": "said", "label": "Answered", "type": "final", "outcome": "success"},
    ]
    left_out = ("correlate", "context", "tables", "status", "tests", "search")
    kept = {name: part for name, part in document.items() if name not in left_out}
    naming = {"key": "ask-about-it", "name": "Ask about it"}
    return kept | naming | {"initial": "asking", "states": states}


def a_questioner(runtime: Runtime, tenant_id: TenantId = ACME) -> Trade:
    """Open a merchant's shop, and publish what asks about every line that must wait."""
    merchant = a_merchant(runtime, tenant_id)
    with merchant.work() as uow:
        publish(uow, engine_of(uow), question())
    return Trade(a_shop(merchant), a_desk(merchant))
