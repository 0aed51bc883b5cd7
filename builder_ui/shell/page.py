"""What the shell shows around a page, handed over explicitly by the view that renders it."""

from dataclasses import dataclass, field
from typing import Literal

from builder_ui.shell.formats import Formats
from builder_ui.shell.navigation import NavSection

Theme = Literal["system", "light", "dark"]
Tone = Literal["neutral", "ok", "warn", "bad", "accent"]


@dataclass(frozen=True)
class Crumb:
    """One step of the path to this page; the last one, the page itself, has no address."""

    label: str
    href: str | None = None


@dataclass(frozen=True)
class Notice:
    """One sentence of news at the top of the page, such as what the last request did.

    What can be taken back says where: the notice then has a button Undo, on the key `u`.
    """

    text: str
    tone: Tone = "ok"
    undo_action: str | None = None


@dataclass(frozen=True)
class Viewer:
    """The person who looks: what the shell shows of them, and how they want things shown."""

    name: str
    email: str
    theme: Theme = "system"
    density: Literal["standard", "compact", "comfortable"] = "standard"
    single_key_shortcuts: bool = True


@dataclass(frozen=True)
class ShellLinks:
    """Addresses of the shell's own controls; a control without an address is not shown."""

    home: str
    search: str | None = None
    find: str | None = None
    """Where the palette asks for things; without it, it knows commands alone."""
    help: str | None = None
    notifications: str | None = None
    profile: str | None = None
    theme: str | None = None
    sign_out: str | None = None
    switch_tenant: str | None = None


@dataclass(frozen=True)
class LiveStream:
    """Where a page hears what happens, and behind which place: before anything of it was read."""

    href: str
    at: str


Keys = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Help:
    """The help of a page: its purpose in a sentence or two, what can be done, and its own keys."""

    purpose: str
    can: tuple[str, ...]
    keys: Keys = ()


@dataclass(frozen=True)
class Page:
    """Everything the layout needs to know; templates get it as `page`.

    `tenant_name` and `viewer` are None on pages before sign-in, which use the bare layout.
    """

    title: str
    links: ShellLinks
    tenant_name: str | None = None
    viewer: Viewer | None = None
    nav: tuple[NavSection, ...] = ()
    breadcrumb: tuple[Crumb, ...] = ()
    notices: tuple[Notice, ...] = ()
    formats: Formats = field(default_factory=Formats)
    help: Help | None = None
    stream: LiveStream | None = None
    unread: int = 0
    """How many notifications the viewer has not read."""

    @property
    def document_title(self) -> str:
        """Name the page first: it is what a browser tab and a screen reader show of it."""
        parts = [self.title, self.tenant_name, "Wareflow"]
        return " · ".join(str(part) for part in parts if part)

    @property
    def theme(self) -> Theme:
        """Return the viewer's choice; nobody signed in means the system's."""
        return self.viewer.theme if self.viewer else "system"
