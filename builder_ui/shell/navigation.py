"""The left navigation: each page module declares its entries, a person sees those they may open."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from builder_ui.shell.words import _, said

SECTIONS = (
    _("Work"),
    _("Sell"),
    _("Stock"),
    _("Buy"),
    _("Catalog"),
    _("Insight"),
    _("Build"),
    _("Administration"),
)


@dataclass(frozen=True)
class NavEntry:
    """One place in the portal. The path is relative to the tenant: `members`, `catalog/products`.

    Without a permission every signed-in member sees it. `keys` is a shortcut such as `g m`.
    """

    section: str
    label: str
    path: str
    icon: str
    permission: str | None = None
    keys: str | None = None
    rank: int = 100


@dataclass(frozen=True)
class NavLink:
    """An entry as one person sees it on one page."""

    label: str
    href: str
    icon: str
    keys: str | None
    is_current: bool
    count: int | None = None


@dataclass(frozen=True)
class NavSection:
    """A heading and the links under it, in order."""

    label: str
    links: tuple[NavLink, ...]


class Navigation:
    """Every entry of the application, composed once from the tuples that page modules declare."""

    def __init__(self, entries: Iterable[NavEntry]) -> None:
        """Order the entries; two with one path or one shortcut, or a strange section, are a bug."""
        self._entries = sorted(entries, key=lambda entry: (_rank(entry), entry.rank, entry.label))
        paths = [entry.path for entry in self._entries]
        keys = [entry.keys for entry in self._entries if entry.keys]
        assert len(paths) == len(set(paths)), f"two entries lead to one path: {sorted(paths)}"
        assert len(keys) == len(set(keys)), f"two entries share a shortcut: {sorted(keys)}"

    def sections_for(
        self,
        permissions: Collection[str],
        *,
        root: str,
        current: str,
        counts: Mapping[str, int] = MappingProxyType({}),
    ) -> tuple[NavSection, ...]:
        """Return what somebody with these permissions may open, under `root` (`/t/acme`).

        The current link is the one whose path is the longest prefix of `current`. `counts` says
        by path how much waits there, such as {"tasks": 7}; nothing waiting is not shown.
        """
        visible = [
            entry
            for entry in self._entries
            if entry.permission is None or entry.permission in permissions
        ]
        here = _longest_prefix([f"{root}/{entry.path}" for entry in visible], current)
        return tuple(
            NavSection(
                said(section),
                tuple(
                    NavLink(
                        entry.label,
                        f"{root}/{entry.path}",
                        entry.icon,
                        entry.keys,
                        is_current=f"{root}/{entry.path}" == here,
                        count=counts.get(entry.path) or None,
                    )
                    for entry in entries
                ),
            )
            for section, entries in groupby(visible, key=lambda entry: entry.section)
        )


def _rank(entry: NavEntry) -> int:
    return SECTIONS.index(entry.section)


def _longest_prefix(hrefs: list[str], current: str) -> str | None:
    above = [href for href in hrefs if current == href or current.startswith(f"{href}/")]
    return max(above, key=len, default=None)
