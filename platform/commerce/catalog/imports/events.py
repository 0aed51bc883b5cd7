"""What happened to files on their way into the catalog."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.events import Event


@dataclass(frozen=True)
class ImportChecked(Event):
    """Every row of a file was tried out; nothing was written."""

    name: ClassVar[str] = "import.checked"

    import_run_id: str
    good: int
    bad: int


@dataclass(frozen=True)
class ImportCompleted(Event):
    """The good rows of a file are in the catalog."""

    name: ClassVar[str] = "import.completed"

    import_run_id: str
    created: int
    changed: int
    unchanged: int
    bad: int


EVENTS: tuple[type[Event], ...] = (ImportChecked, ImportCompleted)
