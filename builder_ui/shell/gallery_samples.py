"""Sample words and figures of the component gallery; no page for customers reads them."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.navigation import NavEntry, Navigation
from builder_ui.shell.page import Tone

NAVIGATION = Navigation(
    [
        NavEntry("Work", "Task", "ui/task", "tasks", keys="g w"),
        NavEntry("Catalog", "List", "ui/list", "tag", keys="g l"),
        NavEntry("Catalog", "Import", "ui/steps", "upload", keys="g i"),
        NavEntry("Administration", "Components", "ui", "box", keys="g c"),
        NavEntry("Administration", "Form", "ui/form", "edit", keys="g f"),
        NavEntry("Administration", "Error page", "ui/failures/404", "warn"),
    ]
)

ROLES = [("owner", "Owner"), ("buyer", "Buyer"), ("picker", "Picker"), ("support", "Support")]
STATUSES = [("active", "Active"), ("invited", "Invited"), ("suspended", "Suspended")]
TONES: dict[str, Tone] = {"active": "ok", "invited": "accent", "suspended": "bad"}

COLUMNS = (
    Column("name", "Name", sortable=True),
    Column("role", "Role", sortable=True, on_phone=False),
    Column("status", "Status"),
    Column("joined_on", "Joined", sortable=True, on_phone=False),
    Column("orders", "Orders", align="end", on_phone=False),
)


@dataclass(frozen=True)
class SampleMember:
    """One row of the sample list."""

    id: str
    name: str
    email: str
    role: str
    status: str
    joined_on: date
    orders: int


def _members() -> list[SampleMember]:
    firsts = ("Ana", "Bo", "Chidi", "Dora", "Emil", "Fatma", "Goran", "Hana", "Ines", "Jun")
    lasts = ("Ruiz", "Lindqvist", "Okafor", "Weiss", "Marin", "Yilmaz", "Kovač", "Sato")
    names = [f"{first} {last}" for last in lasts for first in firsts]
    return [
        SampleMember(
            id=f"mem_{number:03}",
            name=name,
            email=f"{name.split()[0].lower()}.{number}@acme.example",
            role=ROLES[number % 4][0],
            status=STATUSES[0 if number % 5 else 1 + number % 2][0],
            joined_on=date(2026, 1, 5) + timedelta(days=number * 3),
            orders=number * 37 % 211,
        )
        for number, name in enumerate(names)
    ]


MEMBERS = _members()


def find(listing: Listing) -> list[SampleMember]:
    """Return the members that fit the search and filters, in the listing's order."""
    words = listing.q.lower()
    found = [
        member
        for member in MEMBERS
        if words in member.name.lower()
        and all(getattr(member, name) == value for name, value in listing.filters.items())
    ]
    keys = {
        "name": lambda member: (member.name, member.id),
        "role": lambda member: (member.role, member.id),
        "joined_on": lambda member: (member.joined_on.isoformat(), member.id),
    }
    return sorted(found, key=keys[listing.sort], reverse=listing.descending)


FORM_VALUES = {
    "text": "Enamel mug, blue",
    "select": "buyer",
    "checkbox": True,
    "switch": True,
    "radio": "fifo",
    "date": "2026-11-23",
    "money": "1250.00",
    "quantity": "2.5",
    "area": "Leave at the loading dock.\nRing twice.",
    "days": ["mon", "wed"],
}
REFUSED_VALUES = {"email": "ana at acme", "limit": "12,5"}
REFUSED_MESSAGES = {
    "email": ["Enter an e-mail address, such as ana@acme.example."],
    "limit": ["Write the amount with a point, such as 12.50."],
    "_schema": ["Somebody with this address is a member already."],
}


@dataclass(frozen=True)
class SampleEntry:
    """One line of the sample timeline."""

    at: datetime
    who: str
    what: str
    tone: Tone = "neutral"
    note: str = ""


_MORNING = datetime(2026, 11, 23, 8, 12, 40, tzinfo=UTC)
TIMELINE = [
    SampleEntry(_MORNING, "Storefront", "Order placed", "accent", "3 lines, EUR 184.20"),
    SampleEntry(
        _MORNING + timedelta(seconds=2),
        "Wareflow",
        "Two lines reserved at Oslo, one is short",
        "warn",
        "MUG-BLUE: 4 wanted, 1 available",
    ),
    SampleEntry(_MORNING + timedelta(minutes=9), "Nordic Ceramics", "Supplier confirms 3 units"),
    SampleEntry(_MORNING + timedelta(hours=1), "Bo Lindqvist", "Purchase order approved", "ok"),
    SampleEntry(_MORNING + timedelta(hours=2), "Carrier", "Pick-up failed: nobody there", "bad"),
]

CHANGES = [
    ("Credit limit", "5,000.00 EUR", "12,500.00 EUR"),
    ("Payment terms", None, "30 days"),
    ("Discount", "5.0%", None),
]


@dataclass(frozen=True)
class SampleBranch:
    """One place of the sample tree."""

    label: str
    kind: str = ""
    href: str | None = None
    is_current: bool = False
    branches: tuple["SampleBranch", ...] = field(default=())


TREE = [
    SampleBranch(
        "Acme Mugs",
        "company",
        branches=(
            SampleBranch(
                "Northern Europe",
                "region",
                "/dev/ui",
                branches=(
                    SampleBranch("Oslo warehouse", "node", "/dev/ui", is_current=True),
                    SampleBranch("Bergen store", "node", "/dev/ui"),
                ),
            ),
            SampleBranch("Own web shop", "channel", "/dev/ui"),
        ),
    )
]

IMPORT_STEPS = ["Upload", "Check", "Import", "Result"]


@dataclass(frozen=True)
class SampleFault:
    """One cell of the sample file that cannot be accepted."""

    row: int
    column: str
    value: str
    told: str


@dataclass(frozen=True)
class SampleColumn:
    """One column of the sample file."""

    heading: str
    examples: tuple[str, ...]


IMPORT_FAULTS = [
    SampleFault(7, "price", "12,90", "Write the amount with a point, such as 12.90."),
    SampleFault(203, "sku", "MUG-BLUE", "The same SKU stands in row 12: keep one of them."),
    SampleFault(511, "supplier", "NORDC", "No supplier has this code; NORDIC comes near."),
]
FILE_COLUMNS = [
    SampleColumn("Article", ("MUG-BLUE", "MUG-WHITE", "LAMP-OAK")),
    SampleColumn("Name", ("Enamel mug, blue", "Enamel mug, white")),
    SampleColumn("Sales price", ("12.90", "11.80")),
    SampleColumn("Shelf", ()),
]
FILE_FIELDS = [("sku", "SKU", True), ("name", "Name", True), ("price", "Price", False)]
MAPPING = {"column.0": "sku", "column.1": "name", "column.2": "price"}


@dataclass(frozen=True)
class SampleMoment:
    """One line of the sample run."""

    at: datetime
    kind: str
    what: str
    who: str = ""
    tone: Tone = "neutral"
    why: str | None = None
    took: timedelta | None = None


RUN = [
    SampleMoment(_MORNING, "event", "stock.short", "Wareflow", why="MUG-BLUE: 3 units missing"),
    SampleMoment(
        _MORNING + timedelta(seconds=1),
        "step",
        "Ask Nordic Ceramics",
        "Wareflow",
        "ok",
        "3 units in 4 days at EUR 6.10",
        timedelta(minutes=9),
    ),
    SampleMoment(
        _MORNING + timedelta(minutes=9),
        "step",
        "Send the purchase order",
        "Wareflow",
        "bad",
        "The supplier's mailbox refused it; tried 3 times",
        timedelta(seconds=41),
    ),
    SampleMoment(
        _MORNING + timedelta(minutes=10),
        "approval",
        "Waits for approval",
        tone="accent",
        why="purchase.total 7 420.00 > 5 000.00, so one person other than the requester decides",
    ),
    SampleMoment(_MORNING + timedelta(days=1), "timer", "Reminder after 1 day", tone="warn"),
]


@dataclass(frozen=True)
class SampleTask:
    """One line of the sample work queue."""

    id: str
    subject: str
    why: str
    value: str
    age: str
    requester: str
    tone: Tone = "neutral"


TASKS = [
    SampleTask(
        "1", "Purchase order 1042", "Above EUR 5,000", "EUR 7,420.00", "3 h", "Bo Lindqvist"
    ),
    SampleTask(
        "2", "Refund for order 2210", "Outside 30 days", "EUR 64.50", "1 d", "Hana Sato", "warn"
    ),
    SampleTask("3", "Supplier Nordic Ceramics", "New supplier", "–", "2 d", "Emil Marin", "bad"),
]

TASK_COLUMNS = (
    Column("subject", "Task"),
    Column("age", "Waiting for"),
    Column("value", "Value", align="end", on_phone=False),
)
