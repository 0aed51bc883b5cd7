"""C5: orders over HTTP, from the post to the allocated line, sustained.

    python -m bench.c5_orders [--seconds 3] [--repeats 3]

Stock is promised in the request itself: its answer tells that the line is allocated, with order,
reservation, allocation, ledger, outbox, audit and idempotency rows committed. No workers run, so
what follows from an order later (workflows) is not in these figures.
"""

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.http_line import posts
from bench.installation import Installation, installation, token
from bench.measuring import throughput
from bench.saying import say
from bench.web_processes import web_processes
from bench.wishes import Wishes, wishes
from kernel.log import configure_logging

PLENTY = 10**9
ITEMS = 200
PROCESSES, CONNECTIONS = (1, 2), (1, 8, 32)


def bodies(made: Installation, label: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield orders of one unit, of one item after the other."""
    place = {"country": "DE", "postal_code": "14467", "latitude": "52.39", "longitude": "13.06"}
    price = {"amount": "10.00", "currency": "EUR"}
    for n in itertools.count():
        order = {
            "channel_id": made.shop.channel_id,
            "external_id": f"{label}-{n}",
            "placed_at": "2026-03-02T09:00:00Z",
            "customer": {"reference": f"C-{label}-{n % 50}", "name": "Greg Buyer"},
            "ship_to": place,
            "lines": [{"sku": f"ITEM-{n % ITEMS}", "quantity": 1, "price": price}],
        }
        yield f"{label}-{n}", order


def measure(made: Installation, folder: Path, wish: Wishes) -> Iterator[dict[str, Any]]:
    """Yield every case."""
    for number in range(ITEMS):
        made.shelf(f"ITEM-{number}", PLENTY)
    for processes in PROCESSES:
        with web_processes(made.environment, folder / "web.log", count=processes) as address:
            bearer = token(address, made.secret)
            for count in CONNECTIONS:
                acts = [
                    posts(
                        address,
                        bearer,
                        "/api/orders",
                        bodies(made, f"o-{processes}-{count}-{number}"),
                    )
                    for number in range(count)
                ]
                found = throughput(acts, **wish.of_time)
                case = f"C5 orders, {processes} web processes, {count} connections"
                yield {"case": case, "library": "Wareflow", **found}


def main() -> None:
    """Print one line a case."""
    configure_logging("ERROR")
    wish = wishes(__doc__)
    with (
        tempfile.TemporaryDirectory(prefix="wareflow-c5-") as name,
        installation(Path(name)) as made,
    ):
        for line in measure(made, Path(name), wish):
            say({"benchmark": "C5", **line})


if __name__ == "__main__":
    main()
