"""Queues messages in the sender's transaction, and sends them once it is committed.

Sending happens at least once: when the process dies between the mail server's yes and our commit,
the mail leaves again, under the same Message-ID, by which mail programs show it once.
"""

import re
import smtplib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from commerce.ids import OrderId
from commerce.orders.policy import READ_ORDERS
from kernel.access import Permission
from kernel.audit import Subject
from kernel.config import Config, Smtp
from kernel.errors import NotFound
from kernel.jobs import JobKind, enqueue
from kernel.secrets import SecretBox
from kernel.tenancy import is_sandbox
from kernel.uow import UnitOfWork
from tenants.messages.tables import Message
from tenants.messages.templates import FOR_CUSTOMERS, render

SEND = "message.send"
SMTP_TIMEOUT_SECONDS = 20
READ_MESSAGES = Permission("members:write")
"""For mails that open accounts; those about an order are for whoever sees orders."""
# What a mail's link holds after the template's path: whoever reads it could use it.
_SECRET_PATH = re.compile(r"(/(?:invite|reset)/)[^\s/]+")


@dataclass(frozen=True)
class KeptMessage:
    """A message as the operator may read it."""

    id: str
    to_address: str
    subject: str
    body: str
    state: str
    made_at: datetime


class PostOffice:
    """Fills the kernel's Messages port. Without a mail server messages are kept to be read.

    So is whatever a sandbox writes to customers: its orders may name real people.
    """

    def __init__(self, config: Config) -> None:
        """Take the mail server, if any, and the keys that seal what was written."""
        self._smtp = config.smtp
        self._public_url = config.public_url
        self._box = SecretBox([key.encode() for key in config.secret_keys])

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        """The jobs this needs."""
        return (JobKind(SEND, self._send_job),)

    def send(
        self,
        uow: UnitOfWork,
        *,
        to: str,
        template: str,
        facts: Mapping[str, Any],
        order_id: OrderId | None = None,
    ) -> str:
        """Render and queue a message in this transaction; the caller's entry covers it.

        With `order_id` it is a message about that order, and whoever sees orders may read it.
        """
        rendered = render(template, facts, self._public_url)
        leaves = self._smtp is not None and not (template in FOR_CUSTOMERS and is_sandbox(uow))
        message_id = uow.new_id("msg")
        uow.session.add(
            Message(
                tenant_id=uow.tenant_id,
                id=message_id,
                to_address=to,
                template=template,
                subject=rendered.subject,
                body=self._box.seal(rendered.body.encode(), _place(uow, message_id)),
                state="waiting" if leaves else "kept",
                made_at=uow.real_now,
                order_id=order_id,
            )
        )
        if leaves:
            enqueue(uow, SEND, {"message_id": message_id})
        return message_id

    def read_newest(self, uow: UnitOfWork, limit: int = 20) -> Sequence[KeptMessage]:
        """Return the newest messages opened, for the operator alone, and write that down."""
        assert uow.actor.kind == "operator", "messages hold links that open accounts"
        rows = uow.session.scalars(
            select(Message).order_by(Message.made_at.desc(), Message.id.desc()).limit(limit)
        )
        kept = [
            KeptMessage(
                row.id, row.to_address, row.subject, self._open(uow, row), row.state, row.made_at
            )
            for row in rows
        ]
        uow.record("message.read", Subject("tenant", uow.tenant_id), facts={"count": len(kept)})
        return kept

    def read_for_people(self, uow: UnitOfWork, message_id: str) -> KeptMessage:
        """Return a message as it was written, without what would open an account in a link.

        One about an order is for whoever sees orders, any other for whoever invites members. That
        it was read is written down; NotFound where this tenant has none.
        """
        row = uow.session.get(Message, (uow.tenant_id, message_id))
        if row is None:
            raise NotFound("message", message_id)
        uow.actor.must(READ_MESSAGES if row.order_id is None else READ_ORDERS)
        body = _SECRET_PATH.sub(r"\1…", self._open(uow, row))
        uow.record("message.read", Subject("message", row.id))
        return KeptMessage(row.id, row.to_address, row.subject, body, row.state, row.made_at)

    def _send_job(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> None:
        message = uow.session.scalar(
            select(Message).where(Message.id == payload["message_id"]).with_for_update()
        )
        if message is None:
            raise NotFound("message", str(payload["message_id"]))
        if message.state == "sent":
            return
        if self._smtp is None:
            message.state = "kept"  # The mail server was taken out of the configuration meanwhile.
            return
        _deliver(self._smtp, self._letter(uow, message, self._smtp))
        message.state, message.sent_at = "sent", uow.real_now

    def _letter(self, uow: UnitOfWork, message: Message, smtp: Smtp) -> EmailMessage:
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = (
            smtp.sender,
            message.to_address,
            message.subject,
        )
        letter["Date"] = format_datetime(message.made_at)
        letter["Message-ID"] = f"<{message.id}@{urlsplit(self._public_url).hostname}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(self._open(uow, message))
        return letter

    def _open(self, uow: UnitOfWork, message: Message) -> str:
        return self._box.open(message.body, _place(uow, message.id)).decode()


def _place(uow: UnitOfWork, message_id: str) -> str:
    return f"{uow.tenant_id}/message/{message_id}/body"


def _deliver(smtp: Smtp, letter: EmailMessage) -> None:
    context = ssl.create_default_context()
    if smtp.tls:
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            smtp.host, smtp.port, timeout=SMTP_TIMEOUT_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=SMTP_TIMEOUT_SECONDS)
    with server:
        if not smtp.tls:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
        if smtp.username is not None:
            server.login(smtp.username, smtp.password or "")
        server.send_message(letter)
