"""Pages of a list while others write: nothing that stays is missed or shown twice."""

import itertools
import json
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from commerce.catalog import service
from commerce.catalog.contents import ProductContent
from commerce.ids import ProductId
from kernel.access import operator_actor
from kernel.runtime import Runtime
from tests.api.conftest import ApiClient
from tests.conftest import ACME

OPERATOR = operator_actor("tests")
# Few names, so that many rows are equal in what they are sorted by.
NAMES = ("Cup", "cup", "Mug", "Plate")

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Step:
    """What others do between two pages: so many products added, and some taken off sale."""

    added: tuple[str, ...]
    retired: tuple[int, ...]


_STEPS = some.builds(
    Step,
    some.lists(some.sampled_from(NAMES), max_size=3).map(tuple),
    some.lists(some.integers(0, 30), max_size=2).map(tuple),
)


def add(runtime: Runtime, category: str, names: tuple[str, ...]) -> list[str]:
    with runtime.unit_of_work(ACME, OPERATOR) as uow:
        contents = (ProductContent(f"P-{next(_numbers)}", each, category) for each in names)
        return [service.create_product(uow, each).id for each in contents]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    names=some.lists(some.sampled_from(NAMES), min_size=1, max_size=12).map(tuple),
    steps=some.lists(_STEPS, max_size=4),
    limit=some.integers(1, 5),
    sort=some.sampled_from(["created", "code", "name"]),
)
def test_what_stays_is_shown_once_whatever_happens_meanwhile(
    runtime: Runtime,
    acme: ApiClient,
    names: tuple[str, ...],
    steps: list[Step],
    limit: int,
    sort: str,
) -> None:
    """API-07, API-08: rows come and go between pages; the order is total, the traversal exact."""
    category = f"category-{next(_numbers)}"
    there = add(runtime, category, names)
    stays, seen = set(there), []
    address = f"/api/products?category={category}&sort={sort}&limit={limit}"
    left = iter(steps)
    while address:
        page = json.loads(acme.send("GET", address).text)
        seen += [row["id"] for row in page["data"]]
        address = page["next"]
        step = next(left, Step((), ()))
        add(runtime, category, step.added)
        for index in step.retired:
            with runtime.unit_of_work(ACME, OPERATOR) as uow:
                service.retire_product(uow, ProductId(there[index % len(there)]))
            stays.discard(there[index % len(there)])

    assert len(seen) == len(set(seen))
    assert stays <= set(seen)
