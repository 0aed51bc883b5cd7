"""What every verb of the engine needs: the actions it may run, and compiled definitions."""

from collections import OrderedDict
from threading import Lock
from typing import TypeVar

from kernel.actions import Catalogue
from kernel.canonical import read_json
from kernel.errors import NotFound
from kernel.ids import TenantId
from kernel.uow import UnitOfWork
from workflow_engine.definition import parse_definition
from workflow_engine.interpreter import Compiled, compile_definition
from workflow_engine.runtime.shapes import CatalogueShapes
from workflow_engine.runtime.tables import DefinitionVersion

COMPILED_MAX = 200
HASHES_MAX = 10_000

Key = TypeVar("Key")
Value = TypeVar("Value")


class Engine:
    """The catalogue of actions, and the compiled definitions that this process used last."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Take the actions that steps may run."""
        self.catalogue = catalogue
        self.shapes = CatalogueShapes(catalogue)
        self._compiled: OrderedDict[str, Compiled] = OrderedDict()
        self._hashes: OrderedDict[tuple[TenantId, str], str] = OrderedDict()
        self._lock = Lock()

    def compiled(self, uow: UnitOfWork, definition_id: str) -> Compiled:
        """Return a definition ready to run.

        Kept by hash, which names the content whoever owns it: tenants with the same definition
        share one compiled form, and learn nothing of each other by it. A version never changes,
        so what a tenant's id stands for is asked once.
        """
        whose = (uow.tenant_id, definition_id)
        with self._lock:
            hash_ = self._hashes.get(whose)
            known = None if hash_ is None else self._compiled.get(hash_)
            if known is not None:
                _keep(self._hashes, whose, known.hash, HASHES_MAX)
                _keep(self._compiled, known.hash, known, COMPILED_MAX)
                return known
        version = uow.session.get(DefinitionVersion, whose)
        if version is None:
            raise NotFound("definition", definition_id)
        with self._lock:
            compiled = self._compiled.get(version.hash)
        if compiled is None:
            compiled = compile_definition(parse_definition(read_json(version.body)), self.shapes)
        with self._lock:
            _keep(self._hashes, whose, version.hash, HASHES_MAX)
            _keep(self._compiled, version.hash, compiled, COMPILED_MAX)
        return compiled


def _keep(kept: OrderedDict[Key, Value], key: Key, value: Value, most: int) -> None:
    """Note that something was used just now, and forget what was used longest ago."""
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)


def engine_of(uow: UnitOfWork) -> Engine:
    """Return the engine that this process was composed with: for faces, which hold none."""
    engine = uow.ports.engine
    assert isinstance(engine, Engine), "the front door puts the engine into the ports"
    return engine
