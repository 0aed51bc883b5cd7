"""`wareflow workflow table …`: decision tables to other tools and back."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rich.markup import escape

from workflow_engine.checking import read_document
from workflow_engine.decisions import Table, TableFault, TableRefused, read_table, write_table
from workflow_engine.decisions.csv_exchange import export_csv, import_csv
from workflow_engine.decisions.dmn_export import export_dmn
from workflow_engine.decisions.dmn_import import import_dmn
from workflow_engine.decisions.imported import ImportedTable
from workflow_engine.decisions.jdm_export import export_jdm
from workflow_engine.decisions.jdm_import import import_jdm
from workflow_engine.decisions.xlsx_exchange import export_xlsx, import_xlsx
from workflow_engine.terminal import Subparsers, may_write, standard_error, verb, written

EXPORTS: dict[str, Callable[[Table], str | bytes]] = {
    "csv": export_csv,
    "xlsx": export_xlsx,
    "dmn": export_dmn,
    "jdm": export_jdm,
    "json": lambda table: _json(write_table(table)),
}
IMPORTS: dict[str, Callable[[bytes], list[ImportedTable]]] = {
    ".csv": lambda source: [_imported(import_csv(source.decode("utf-8-sig")))],
    ".xlsx": lambda source: [_imported(import_xlsx(source))],
    ".dmn": import_dmn,
    ".xml": import_dmn,
    ".json": lambda source: import_jdm(source.decode("utf-8-sig")),
}


def add_table_commands(verbs: Subparsers) -> None:
    """Add `table` with `export` and `import`."""
    table = verbs.add_parser("table", help="carry decision tables to other tools and back")
    kinds = table.add_subparsers(metavar="VERB", required=True)
    out = verb(kinds, "export", "write a table of a definition for another tool", _export)
    out.add_argument("table", metavar="TABLE", nargs="?", help="its id; may be left out if alone")
    out.add_argument("--to", choices=sorted(EXPORTS), default="csv")
    may_write(out)
    into = verb(kinds, "import", "read .csv, .xlsx, .dmn or JDM (.json) as JSON", _import)
    into.add_argument(
        "--into", type=Path, metavar="DEFINITION", help="put the table into this definition"
    )
    may_write(into)


def _export(_: Any, chosen: argparse.Namespace) -> int:
    document = read_document(chosen.file.read_text(encoding="utf-8-sig"))
    table = read_table(_found(document, chosen.table))
    return written(EXPORTS[chosen.to](table), chosen.output)


def _found(document: Any, identity: str | None) -> Mapping[str, Any]:
    """The table of that id, or the only one; a table by itself counts as well."""
    alone = isinstance(document, dict) and "hit_policy" in document
    tables = {str(each.get("id")): each for each in ([document] if alone else _tables(document))}
    if identity is None and len(tables) == 1:
        return next(iter(tables.values()))
    if identity not in tables:
        asked = f"There is no table '{identity}'." if identity else "Which table is meant?"
        raise TableRefused([TableFault("table.unknown", "/tables", asked, ", ".join(tables))])
    return tables[identity]


def _tables(document: Any) -> list[dict[str, Any]]:
    found = document.get("tables", []) if isinstance(document, dict) else []
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _import(_: Any, chosen: argparse.Namespace) -> int:
    read = IMPORTS.get(chosen.file.suffix.lower())
    if read is None:
        known = ", ".join(IMPORTS)
        message = f"'{chosen.file.name}' is of no known kind."
        raise TableRefused([TableFault("table.kind", "", message, f"Known are {known}.")])
    tables = read(chosen.file.read_bytes())
    for table in tables:
        for change in table.report:
            standard_error().print(escape(f"{table.decision}: {change}"))
    documents = [table.document for table in tables]
    if chosen.into is None:
        return written(_json(documents[0] if len(documents) == 1 else documents), chosen.output)
    definition = read_document(chosen.into.read_text(encoding="utf-8-sig"))
    return written(_json(_with(definition, documents)), chosen.output)


def _with(definition: Any, documents: list[dict[str, Any]]) -> dict[str, Any]:
    """The definition with these tables in the place of those of the same id, or behind them."""
    if not isinstance(definition, dict):
        raise TableRefused([TableFault("table.definition", "", "A definition is an object.")])
    new = {document["id"]: document for document in documents}
    kept = [new.pop(str(each.get("id")), each) for each in _tables(definition)]
    return {**definition, "tables": [*kept, *new.values()]}


def _imported(table: Table) -> ImportedTable:
    return ImportedTable(table.name, write_table(table), single=False)


def _json(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, default=str) + "\n"
