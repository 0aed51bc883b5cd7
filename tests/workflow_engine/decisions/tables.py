"""A table with every kind of column, for those who carry it about."""

from typing import Any

STAGES: dict[str, Any] = {
    "id": "stages",
    "name": "Who approves, and how soon",
    "hit_policy": "RULE ORDER",
    "inputs": [
        {"id": "total", "value": "po.total", "type": "money", "currency": "USD"},
        {"id": "tier", "value": "tier", "type": "string", "domain": {"values": ["gold", "basic"]}},
        {"id": "due", "value": "due", "type": "timestamp", "nullable": True},
    ],
    "outputs": [
        {"id": "stage", "type": "string"},
        {"id": "within", "type": "duration", "default": "PT8H"},
        {"id": "limit", "type": "money"},
        {"id": "score", "type": "int"},
    ],
    "rules": [
        {
            "id": "large",
            "when": ['> money("5000.00","USD")', '"gold"', "not(null)"],
            "then": ["=lead", "PT4H", {"amount": "9.00", "currency": "USD"}, {"expression": "1+1"}],
        },
        {
            "id": "rest",
            "when": ["-", "-", 'timestamp("2026-11-11T09:00:00Z"),null'],
            "then": ['"quoted"', "PT8H", {"amount": "0.00", "currency": "USD"}, 7],
        },
    ],
}
