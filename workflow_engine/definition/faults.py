"""What is wrong with a definition: where, a stable code, a sentence, and the mend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault at one place.

    `pointer` is a JSON pointer into the document, `code` is dotted and stable, `message` is a
    sentence for a business user and `mend` says what to do, where that is known.
    """

    pointer: str
    code: str
    message: str
    mend: str = ""

    def __str__(self) -> str:
        mend = f" {self.mend}" if self.mend else ""
        return f"{self.pointer or '/'}: {self.message}{mend} [{self.code}]"


class DefinitionFaults(Exception):
    """The definition cannot be used; `faults` holds everything that was found, in order."""

    code = "definition.faults"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))
