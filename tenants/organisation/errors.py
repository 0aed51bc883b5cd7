"""How the organisation tree says no."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.errors import Conflict


@dataclass(eq=False)
class CodeTaken(Conflict):
    """Another unit of the organisation has this code."""

    code: ClassVar[str] = "organisation.code_taken"

    unit_code: str


@dataclass(eq=False)
class WrongLevel(Conflict):
    """A unit stands under a broader one: company, brand, region, channel, node."""

    code: ClassVar[str] = "organisation.wrong_level"

    kind: str
    parent_kind: str


@dataclass(eq=False)
class MovesBackInTime(Conflict):
    """A move cannot begin before the unit's present place did."""

    code: ClassVar[str] = "organisation.moves_back_in_time"

    present_since: str
