"""What every verb of the engine needs: the actions it may run, and compiled definitions."""

from collections import OrderedDict
from threading import Lock

from sqlalchemy import select

from kernel.actions import Catalogue
from kernel.canonical import read_json
from kernel.errors import NotFound
from kernel.uow import UnitOfWork
from workflow_engine.definition import parse_definition
from workflow_engine.interpreter import Compiled, compile_definition
from workflow_engine.runtime.shapes import CatalogueShapes
from workflow_engine.runtime.tables import DefinitionVersion

COMPILED_MAX = 200


class Engine:
    """The catalogue of actions, and the compiled definitions that this process used last."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Take the actions that steps may run."""
        self.catalogue = catalogue
        self.shapes = CatalogueShapes(catalogue)
        self._compiled: OrderedDict[str, Compiled] = OrderedDict()
        self._lock = Lock()

    def compiled(self, uow: UnitOfWork, definition_id: str) -> Compiled:
        """Return a definition ready to run.

        Kept by hash, which names the content whoever owns it: tenants with the same definition
        share one compiled form, and learn nothing of each other by it.
        """
        hash_ = uow.session.scalar(
            select(DefinitionVersion.hash).where(DefinitionVersion.id == definition_id)
        )
        if hash_ is None:
            raise NotFound("definition", definition_id)
        with self._lock:
            known = self._compiled.get(hash_)
            if known is not None:
                self._compiled.move_to_end(hash_)
                return known
        version = uow.session.get_one(DefinitionVersion, (uow.tenant_id, definition_id))
        compiled = compile_definition(parse_definition(read_json(version.body)), self.shapes)
        with self._lock:
            self._compiled[hash_] = compiled
            while len(self._compiled) > COMPILED_MAX:
                self._compiled.popitem(last=False)
        return compiled


def engine_of(uow: UnitOfWork) -> Engine:
    """Return the engine that this process was composed with: for faces, which hold none."""
    engine = uow.ports.engine
    assert isinstance(engine, Engine), "the front door puts the engine into the ports"
    return engine
