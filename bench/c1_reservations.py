"""C1: reservations of one hot item, in process and over HTTP, beside the floor without an ORM.

    python -m bench.c1_reservations [--seconds 3] [--repeats 3]

A reservation counts with all its rows committed: ledger, balance, reservation, outbox, audit and
its pending row, idempotency. The floor is `reserve_floor.py` beside the clone, on this database.
"""

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.http_line import posts
from bench.installation import Installation, installation, token
from bench.measuring import Act, throughput
from bench.saying import say
from bench.web_processes import web_processes
from bench.wishes import Wishes, wishes
from bench.yardsticks import floor
from commerce.ids import SkuId
from commerce.inventory import service
from commerce.inventory.allocation import Demand
from commerce.inventory.service import Owner
from kernel.log import configure_logging

PLENTY = 10**9
THREADS, CONNECTIONS = (1, 2, 8), (1, 8, 32)
RESERVE = "/api/stock/reservations"
HOT = "C1 one hot item"


def in_process(made: Installation, sku_id: SkuId, label: str) -> Act:
    """Return an act that reserves a unit under a key of its own each time."""
    demand = Demand(sku_id, made.shop.merchant.berlin, 1)
    numbers = itertools.count()

    def reserve() -> None:
        key = f"{label}-{next(numbers)}"
        with made.shop.merchant.work() as uow:
            service.reserve(uow, [demand], owner=Owner("cart", key), key=key)

    return reserve


def carts(made: Installation, sku_id: SkuId, label: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield carts of one unit, each under a key of its own."""
    line = {"sku_id": sku_id, "node_id": made.shop.merchant.berlin, "quantity": 1}
    for number in itertools.count():
        yield f"{label}-{number}", {"cart": f"{label}-{number}", "lines": [line]}


def measure(made: Installation, folder: Path, wish: Wishes) -> Iterator[dict[str, Any]]:
    """Yield every case."""
    for count in THREADS:
        sku_id = made.shelf(f"HOT-{count}", PLENTY)
        acts = [in_process(made, sku_id, f"in-{count}-{number}") for number in range(count)]
        found = throughput(acts, **wish.of_time)
        yield {"case": f"{HOT}, {count} threads", "library": "Wareflow", **found}
    arguments = ["--mode", "direct,batched", "--items", "hot", "--threads", "1,2,8"]
    for told in floor("reserve_floor.py", made.cluster, [*arguments, *wish.of_floor]):
        name = f"{told['mode']} SQL"
        yield {"case": f"{HOT}, {told['threads']} threads", "library": name, **told["shown"]}
    with web_processes(made.environment, folder / "web.log", count=1) as address:
        bearer = token(address, made.secret)
        for count in CONNECTIONS:
            sku_id = made.shelf(f"WEB-{count}", PLENTY)
            acts = [
                posts(address, bearer, RESERVE, carts(made, sku_id, f"web-{count}-{number}"))
                for number in range(count)
            ]
            found = throughput(acts, **wish.of_time)
            yield {"case": f"{HOT} over HTTP, {count} connections", "library": "Wareflow", **found}


def main() -> None:
    """Print one line a case."""
    configure_logging("ERROR")
    wish = wishes(__doc__)
    with (
        tempfile.TemporaryDirectory(prefix="wareflow-c1-") as name,
        installation(Path(name)) as made,
    ):
        for line in measure(made, Path(name), wish):
            say({"benchmark": "C1", **line})


if __name__ == "__main__":
    main()
