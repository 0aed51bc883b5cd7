"""Every mapped table of the product, for tests that hold for all of them."""

import importlib
from pathlib import Path

from sqlalchemy import MetaData

from kernel.db import Table

ROOT = Path(__file__).parents[1]
ROOMS = {
    "kernel": ROOT / "platform",
    "commerce": ROOT / "platform",
    "workflow_engine": ROOT,
    "tenants": ROOT,
    "api": ROOT,
}


def all_tables() -> MetaData:
    """Import every module that declares tables, and return what they declare."""
    for room, root in ROOMS.items():
        for path in (root / room).rglob("*.py"):
            if "(Table)" in (text := path.read_text()) or ", Table)" in text:
                importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts))
    return Table.metadata
