"""The mails we write: plain text, one sentence of subject, addresses on lines of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from typing import Any


@dataclass(frozen=True)
class MailTemplate:
    """Subject and body with `$name`s of facts; `link` is where the mail leads, if anywhere."""

    subject: str
    body: str
    path: str | None = None


TEMPLATES: Mapping[str, MailTemplate] = {
    "invitation": MailTemplate(
        "You are invited to $tenant on Wareflow",
        "Hello $name,\n\n$inviter invites you to work with $tenant on Wareflow.\n\n"
        "Choose a password here; the link works once, for seven days:\n\n$link\n\n"
        "If you do not expect this, you need not do anything.\n",
        path="invite/$token",
    ),
    "password_reset": MailTemplate(
        "Choose a new password for $tenant",
        "Hello $name,\n\nsomebody, hopefully you, asked for a new password for $tenant on"
        " Wareflow.\n\nChoose it here; the link works once, for thirty minutes:\n\n$link\n\n"
        "If it was not you, you need not do anything: your password still holds.\n",
        path="reset/$token",
    ),
    "backorder_update": MailTemplate(
        "Your order $number at $tenant: a delay",
        "Hello $name,\n\nof your order $number we do not have everything yet: $quantity × $sku.\n\n"
        "$expected We will send it as soon as it is here; you need not do anything.\n\n$tenant\n",
    ),
    "backorder_given_up": MailTemplate(
        "Your order $number at $tenant: not available",
        "Hello $name,\n\nwe are sorry: $quantity × $sku of your order $number cannot be had any"
        " more, and we have taken it out of the order.\n\n$tenant\n",
    ),
    "webhook_disabled": MailTemplate(
        "A webhook of $tenant was switched off",
        "Hello $name,\n\nno more events are sent to $url: it failed for five days, or said that"
        " it is gone.\n\nWhat happened since is kept. Enable it again here, and replay what it"
        " missed:\n\n$link\n",
        path="admin/webhooks/$endpoint",
    ),
    "password_changed": MailTemplate(
        "Your password for $tenant was changed",
        "Hello $name,\n\nyour password for $tenant on Wareflow was just changed, and every other"
        " session of yours has ended.\n\nIf it was not you, choose a new one at once:\n\n$link\n",
        path="reset",
    ),
}

FOR_CUSTOMERS = ("backorder_update", "backorder_given_up")
"""Those that a workflow may send about an order's line."""


@dataclass(frozen=True)
class Rendered:
    """A mail ready to be sent."""

    subject: str
    body: str


def render(template: str, facts: Mapping[str, Any], public_url: str) -> Rendered:
    """Fill a template; a missing fact is a bug and raises KeyError.

    A subject is one line whatever the facts hold: a name with a line break adds no header.
    """
    chosen = TEMPLATES[template]
    known = {name: " ".join(str(value).split()) for name, value in facts.items()}
    if chosen.path is not None:
        path = Template(chosen.path).substitute(known)
        known["link"] = f"{public_url}/t/{known['slug']}/{path}"
    subject = Template(chosen.subject).substitute(known)
    return Rendered(subject[:200], Template(chosen.body).substitute(known))
