"""The two machines that every interpreter is measured on, and the events of one cycle."""

from __future__ import annotations

from typing import Any

FLAT_EVENTS = ("submit", "approve", "fulfil", "close", "reset")
ORDER_EVENTS = (
    "submit", "clear", "authorize", "capture", "allocate", "pick", "next", "next", "pack", "ship",
    "close", "reopen",
)  # fmt: skip
_HEAD = {"format": "wareflow.definition/1"}


def _on(event: str, target: str, guard: str | None = None, **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"id": f"t_{event}_{target}", "event": event, "target": target}
    if guard is not None:
        found["guard"] = guard
    return found | fields


def _state(name: str, *transitions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": name, "transitions": list(transitions), **fields}


def flat() -> dict[str, Any]:
    """Five states in a ring."""
    names = ("draft", "submitted", "approved", "fulfilled", "closed")
    ring = zip(names, FLAT_EVENTS, (*names[1:], names[0]), strict=True)
    states = [_state(name, _on(event, target)) for name, event, target in ring]
    return {**_HEAD, "key": "flat", "name": "Flat", "states": states}


def order() -> dict[str, Any]:
    """An order of 21 states: three regions, one nested compound, guards on context and event."""
    active = {
        "id": "active",
        "type": "parallel",
        "transitions": [
            _on("close", "closed", "In('shipped') && In('captured')"),
            _on("cancel", "cancelled"),
        ],
        "states": _regions(),
    }
    context = [
        {"id": name, "type": "int", "default": value}
        for name, value in (("stock", 5), ("paid", 100), ("total", 100))
    ]
    return {
        **_HEAD,
        "key": "order",
        "name": "Order",
        "context": context,
        "states": [
            _state("draft", _on("submit", "active")),
            active,
            _state("closed", _on("reopen", "draft", id="t_reopen_closed")),
            _state("cancelled", _on("reopen", "draft", id="t_reopen_cancelled")),
        ],
    }


def _regions() -> list[dict[str, Any]]:
    picking = {
        "id": "picking",
        "transitions": [_on("pack", "packed", "In('picked')")],
        "states": [
            _state("zone_a", _on("next", "zone_b")),
            _state("zone_b", _on("next", "picked")),
            _state("picked"),
        ],
    }
    return [
        {
            "id": "payment",
            "states": [
                _state("unpaid", _on("authorize", "authorized", "context.total > 0")),
                _state(
                    "authorized", _on("capture", "captured", "event.data.paid >= context.total")
                ),
                _state("captured", _on("refund", "refunded")),
                _state("refunded"),
            ],
        },
        {
            "id": "fulfilment",
            "states": [
                _state("pending", _on("allocate", "allocated", "context.stock > 0")),
                _state("allocated", _on("pick", "picking")),
                picking,
                _state("packed", _on("ship", "shipped")),
                _state("shipped"),
            ],
        },
        {"id": "risk", "states": [_state("review", _on("clear", "cleared")), _state("cleared")]},
    ]
