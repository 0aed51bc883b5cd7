"""Names of people and programs on one page: each is looked up once."""

from kernel.ids import ActorId
from kernel.uow import UnitOfWork


class Names:
    """Answers for one page, in its transaction."""

    def __init__(self, uow: UnitOfWork) -> None:
        """Know nobody yet."""
        self._uow = uow
        self._known: dict[str, str] = {}

    def of(self, actor_id: str) -> str:
        """Return how somebody is called, whether or not they are still active."""
        if actor_id not in self._known:
            directory = self._uow.ports.directory
            assert directory is not None, "the front door fills the directory port"
            self._known[actor_id] = directory.name_of(self._uow, ActorId(actor_id))
        return self._known[actor_id]

    def maybe(self, actor_id: str | None) -> str | None:
        """Return how somebody is called, or None for nobody."""
        return None if actor_id is None else self.of(actor_id)
