"""How the catalog says no: each refusal has a stable code, typed facts and a title for people."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.errors import Conflict


@dataclass(eq=False)
class CodeTaken(Conflict):
    """This code belongs to something else already: choose another one."""

    code: ClassVar[str] = "catalog.code_taken"

    kind: str
    taken: str


@dataclass(eq=False)
class GtinTaken(Conflict):
    """This GTIN belongs to another SKU already."""

    code: ClassVar[str] = "catalog.gtin_taken"

    gtin: str


@dataclass(eq=False)
class AlreadySupplied(Conflict):
    """This supplier already has terms for this SKU: change those."""

    code: ClassVar[str] = "catalog.already_supplied"

    supplier_id: str
    sku_id: str


@dataclass(eq=False)
class AlreadyListed(Conflict):
    """This channel already lists this SKU: change that listing."""

    code: ClassVar[str] = "catalog.already_listed"

    channel_id: str
    sku_id: str


@dataclass(eq=False)
class ExternalIdTaken(Conflict):
    """This channel knows another SKU by this id already."""

    code: ClassVar[str] = "catalog.external_id_taken"

    channel_id: str
    external_id: str


@dataclass(eq=False)
class Retired(Conflict):
    """This is out of use: bring it back into use first."""

    code: ClassVar[str] = "catalog.retired"

    kind: str
    id: str


@dataclass(eq=False)
class BaseUnitFixed(Conflict):
    """The base unit of a SKU never changes, because quantities are counted in it: add a new SKU."""

    code: ClassVar[str] = "catalog.base_unit_fixed"

    sku_id: str
    base_unit: str


@dataclass(eq=False)
class CurrencyFixed(Conflict):
    """Listings are priced in this channel's currency: it cannot change any more."""

    code: ClassVar[str] = "catalog.currency_fixed"

    channel_id: str
    currency: str
