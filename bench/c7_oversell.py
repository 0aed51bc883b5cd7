"""C7: sells 50 units to many buyers over HTTP, and says how many were sold in each configuration.

    python -m bench.c7_oversell [--requests 400]

The buyers are the neutral harness beside this repository, `../shared/bench-peers/oversell.py`,
which knows nothing of us. One line of JSON for each case goes to `bench/results/c7_oversell.jsonl`;
exit code 1 unless every one of them sold exactly what there was.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.installation import ROOT, YARDSTICKS, Installation, installation, token
from bench.web_processes import web_processes
from commerce.ids import SkuId
from commerce.intelligence.invariants import BUILT
from commerce.inventory.invariants import violations

HARNESS = YARDSTICKS / "oversell.py"
RESULTS = ROOT / "bench" / "results" / "c7_oversell.jsonl"

IN_STOCK = 50
WEB_PROCESSES = (1, 2)
CONNECTIONS = (8, 32)
PLACED_AT = "2026-03-02T09:00:00Z"


def reservation_of(made: Installation, codes: list[str]) -> dict[str, Any]:
    """Spell a cart with one unit of each of these SKUs, in this order."""
    node = made.shop.merchant.berlin
    skus = {code: made.shelf(code, IN_STOCK) for code in dict.fromkeys(codes)}
    lines = [{"sku_id": skus[code], "node_id": node, "quantity": 1} for code in codes]
    refused = [{"path": "code", "equals": "inventory.out_of_stock"}]
    return {
        **_posting("/api/stock/reservations", {"cart": "buyer-{process}-{n}", "lines": lines}),
        "accepted": {"status": [201]},
        "refused": {"status": [409], "json": refused},
        "check": _level(skus[codes[0]], "reserved"),
    }


def order_of(made: Installation, code: str) -> dict[str, Any]:
    """Spell an order of one unit: sold when its line is allocated, not when it waits."""
    sku_id = made.shelf(code, IN_STOCK)
    place = {"country": "DE", "postal_code": "14467", "latitude": "52.39", "longitude": "13.06"}
    price = {"amount": "10.00", "currency": "EUR"}
    order = {
        "channel_id": made.shop.channel_id,
        "external_id": "{uuid}",
        "placed_at": PLACED_AT,
        "customer": {"reference": "C-{n}", "name": "Buyer {n}"},
        "ship_to": place,
        "lines": [{"sku": code, "quantity": 1, "price": price}],
    }
    outcome = "lines.0.phase"
    return {
        **_posting("/api/orders", order),
        "accepted": {"status": [201], "json": [{"path": outcome, "equals": "allocated"}]},
        "refused": {"status": [201], "json": [{"path": outcome, "equals": "backordered"}]},
        "check": _level(sku_id, "committed"),
    }


def _posting(path: str, body: Any) -> dict[str, Any]:
    headers = {"authorization": "Bearer ${TOKEN}", "idempotency-key": "{uuid}"}
    url = "${BASE_URL}" + path
    return {"reserve": {"method": "POST", "url": url, "headers": headers, "body": body}}


def _level(sku_id: SkuId, bucket: str) -> dict[str, Any]:
    return {
        "method": "GET",
        "url": "${BASE_URL}/api/stock/levels?sku_id=" + sku_id,
        "headers": {"authorization": "Bearer ${TOKEN}"},
        "json": [
            {"path": "data.0.buckets.available", "equals": 0},
            {"path": f"data.0.buckets.{bucket}", "equals": IN_STOCK},
        ],
    }


def run_case(
    wanted: dict[str, Any], address: str, bearer: str, connections: int, requests: int
) -> dict[str, Any]:
    """Let the harness buy, and return what it says."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as described:
        json.dump(wanted, described)
        described.flush()
        sizes = ["--stock", IN_STOCK, "--requests", requests, "--connections", connections]
        done = subprocess.run(
            [sys.executable, str(HARNESS), described.name, *map(str, sizes)],
            env={**os.environ, "BASE_URL": address, "TOKEN": bearer},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    if not done.stdout:
        raise SystemExit(done.stderr)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def cases(made: Installation, label: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each shape of buying, every one with shelves of its own."""
    yield "one item", reservation_of(made, [f"MUG-{label}"])
    cart = [f"CUP-{label}", f"POT-{label}", f"JAR-{label}"]
    yield "a cart of three items", reservation_of(made, cart)
    yield "an order", order_of(made, f"LAMP-{label}")


def main() -> int:
    """Run every configuration, write what it said, and tell whether each sold what there was."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--requests", type=int, default=400)
    chosen = parser.parse_args()
    lines = []
    with tempfile.TemporaryDirectory(prefix="wareflow-c7-") as name:
        folder = Path(name)
        with installation(folder) as made:
            for count in WEB_PROCESSES:
                log = folder / f"web-{count}.log"
                with web_processes(made.environment, log, count=count) as address:
                    bearer = token(address, made.secret)
                    for connections in CONNECTIONS:
                        for name, wanted in cases(made, f"{count}-{connections}"):
                            case = {"name": name, **wanted}
                            told = run_case(case, address, bearer, connections, chosen.requests)
                            lines.append({**told, "web_processes": count})
                            print(json.dumps(lines[-1]), flush=True)
            with made.shop.merchant.work() as uow:
                broken = violations(uow, BUILT)
    print(f"invariants broken: {sorted(broken)}" if broken else "every built invariant holds")
    RESULTS.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return 0 if not broken and all(line["verdict"] == "exact" for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
