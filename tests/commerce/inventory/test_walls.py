"""What protects stock even from our own mistakes."""

import re
from pathlib import Path

import psycopg
import pytest

from commerce.inventory.invariants import STOCK_INVARIANTS, violations
from tests.commerce.stock_builders import Merchant
from tests.conftest import ACME, Cluster

COMMERCE = Path(__file__).parents[3] / "platform" / "commerce"
BUCKET_WRITE = re.compile(r"\.(available|committed|reserved|incoming|in_transit|last_seq) [-+]?= ")


@pytest.mark.parametrize(
    "change",
    ["UPDATE stock_ledger SET quantity = 9", "DELETE FROM stock_ledger", "TRUNCATE stock_ledger"],
)
def test_the_ledger_is_only_added_to(acme: Merchant, database: Cluster, change: str) -> None:
    """Not even the database's superuser changes it without disarming the trigger first."""
    acme.stock(acme.mug, acme.berlin, 5)

    with (
        pytest.raises(psycopg.errors.RaiseException, match="append-only"),
        psycopg.connect(database.superuser_url) as connection,
    ):
        connection.execute(change)


def test_the_database_refuses_a_bucket_below_zero(acme: Merchant, database: Cluster) -> None:
    acme.stock(acme.mug, acme.berlin, 5)

    with (
        pytest.raises(psycopg.errors.CheckViolation, match="available_not_negative"),
        psycopg.connect(database.superuser_url) as connection,
    ):
        connection.execute("UPDATE stock_balance SET available = -1")


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        pytest.param(
            "UPDATE stock_balance SET available = available + 1",
            {"balance_is_the_replay_of_its_ledger"},
            id="a balance was edited",
        ),
        pytest.param(
            "UPDATE stock_balance SET last_seq = 7", {"ledger_has_no_gaps"}, id="a row was lost"
        ),
        pytest.param(
            "UPDATE stock_receipt_line SET quantity = 7",
            {"from_suppliers_is_what_receipts_say"},
            id="a receipt was edited",
        ),
        pytest.param(
            "UPDATE stock_balance SET available = 3, committed = 2",
            {"balance_is_the_replay_of_its_ledger", "committed_is_what_is_allocated"},
            id="units were committed to nobody",
        ),
        pytest.param(
            "UPDATE stock_balance SET available = 3, reserved = 2",
            {"balance_is_the_replay_of_its_ledger", "reserved_is_what_is_held"},
            id="units were held for nobody",
        ),
    ],
)
def test_each_invariant_finds_the_damage_it_is_for(
    acme: Merchant, globex: Merchant, database: Cluster, damage: str, found: set[str]
) -> None:
    acme.stock(acme.mug, acme.berlin, 5)
    globex.stock(globex.mug, globex.berlin, 5)
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(f"{damage} WHERE tenant_id = '{ACME}'")

    with acme.work() as uow:
        broken = violations(uow, STOCK_INVARIANTS)

    assert set(broken) == found
    assert globex.proves_sound()


def test_nobody_but_the_locked_shelves_changes_a_balance() -> None:
    """Every movement goes through one primitive, which writes the ledger in the same breath."""
    writers = {
        path.relative_to(COMMERCE).as_posix()
        for path in COMMERCE.rglob("*.py")
        if "StockBalance(" in (source := path.read_text())
        or "StockLedgerRow(" in source
        or BUCKET_WRITE.search(source)
    }

    assert writers == {"inventory/shelves.py", "inventory/tables.py"}
