"""Decision tables as DMN knows them: typed cells, compiled to bitmasks, analysed exactly."""

from workflow_engine.decisions.analysis import Finding, analyse
from workflow_engine.decisions.compiled import CompiledTable, Decision, compile_table
from workflow_engine.decisions.errors import DecisionError, TableFault, TableRefused
from workflow_engine.decisions.model import Table, read_table, write_table

__all__ = [
    "CompiledTable",
    "Decision",
    "DecisionError",
    "Finding",
    "Table",
    "TableFault",
    "TableRefused",
    "analyse",
    "compile_table",
    "read_table",
    "write_table",
]
