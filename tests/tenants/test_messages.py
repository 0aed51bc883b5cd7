"""Mail: queued with its cause, sent after the commit where a server is set, kept otherwise."""

import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_string
from threading import Thread

import pytest
from sqlalchemy import select

from kernel.config import Config, Smtp
from kernel.jobs import Job, JobRunner
from kernel.runtime import Runtime
from tenants import members
from tenants.messages.post import PostOffice
from tenants.messages.tables import Message
from tenants.messages.templates import render
from tests.conftest import ACME, GLOBEX
from tests.tenants.conftest import OPERATOR, House


class _MailServer(socketserver.ThreadingTCPServer):
    """A small SMTP server that keeps what it is given; it can refuse the first mails."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.received: list[str] = []
        self.refusals = 0


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _MailServer)
        self._say("220 mail.example")
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                body = list(iter(lambda: self.rfile.readline().rstrip(b"\r\n"), b"."))
                if server.refusals:
                    server.refusals -= 1
                    self._say("451 try later")
                else:
                    server.received.append(b"\n".join(body).decode())
                    self._say("250 taken")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 mail.example")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def mail_server() -> Iterator[_MailServer]:
    with _MailServer() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def with_mail(house: House, config: Config, server: _MailServer) -> Runtime:
    """Compose a runtime on the same database that sends through the server."""
    smtp = Smtp("127.0.0.1", server.server_address[1], None, None, False, "wareflow@shop.example")
    post = PostOffice(replace(config, smtp=smtp))
    ports = house.runtime.ports
    ports.messages = post
    return Runtime(config, ports=ports, job_kinds=post.job_kinds, clock=house.runtime.clock)


def test_a_message_is_sent_after_the_commit(house: House, config: Config) -> None:
    with mail_server() as server:
        runtime = with_mail(house, config, server)
        with house.open() as uow:
            members.invite(uow, "ben@acme.example", "Ben", ["buyer"])
        assert server.received == []

        runtime.drain_all()
        runtime.drain_all()
        runtime.close()

    [letter] = [message_from_string(text) for text in server.received]
    assert (letter["To"], letter["From"]) == ("ben@acme.example", "wareflow@shop.example")
    assert letter["Subject"] == "You are invited to Acme Mugs on Wareflow"
    assert letter["Message-ID"].startswith("<msg_")
    assert "/t/acme/invite/" in letter.get_payload()
    with house.open() as uow:
        assert [row.state for row in uow.session.scalars(select(Message))] == ["sent"]


def test_what_is_rolled_back_is_not_mailed(house: House, config: Config) -> None:
    with mail_server() as server:
        runtime = with_mail(house, config, server)
        with pytest.raises(RuntimeError), house.open() as uow:
            members.invite(uow, "ben@acme.example", "Ben", ["buyer"])
            raise RuntimeError
        runtime.drain_all()
        runtime.close()

    assert server.received == []


def test_a_server_that_refuses_is_asked_again(house: House, config: Config) -> None:
    with mail_server() as server:
        server.refusals = 1
        runtime = with_mail(house, config, server)
        with house.open() as uow:
            members.invite(uow, "ben@acme.example", "Ben", ["buyer"])
        runtime.drain_all()
        with house.open() as uow:
            job = uow.session.scalars(select(Job)).one()
            assert (job.state, job.attempts) == ("waiting", 1)

        JobRunner({kind.name: kind for kind in _kinds(runtime)}, runtime._open_for_work).perform(
            _claim(house)
        )
        runtime.close()

    assert len(server.received) == 1


def _kinds(runtime: Runtime):  # type: ignore[no-untyped-def] # The post office's own tuple.
    post = runtime.ports.messages
    assert isinstance(post, PostOffice)
    return post.job_kinds


def _claim(house: House):  # type: ignore[no-untyped-def] # A claim as a worker would get it.
    from kernel.work import Claim

    with house.open() as uow:
        job = uow.session.scalars(select(Job)).one()
        return Claim(ACME, job.id, job.fence)


def test_without_a_server_the_operator_reads_what_was_written(house: House) -> None:
    house.member("ana@acme.example", "administrator", password=None)
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX, password=None)

    mail = house.mail()

    assert [(each.to_address, each.state) for each in mail] == [("ana@acme.example", "kept")]


def test_only_the_operator_reads_messages(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator")

    with pytest.raises(AssertionError), house.open(actor=ana) as uow:
        house.post.read_newest(uow)


def test_a_link_is_sealed_in_the_table(house: House) -> None:
    """SEC-06: a copy of the table opens no account."""
    house.member("ana@acme.example", "administrator", password=None)

    with house.runtime.unit_of_work(ACME, OPERATOR) as uow:
        [row] = uow.session.scalars(select(Message))
    assert house.mailed_token().encode() not in row.body
    assert b"/t/acme" not in row.body


def test_a_name_adds_no_header(house: House) -> None:
    facts = {
        "name": "Ana\r\nBcc: eve@evil.example",
        "tenant": "Acme\r\nBcc: eve@evil.example",
        "slug": "acme",
        "token": "t",
    }

    rendered = render("password_reset", facts, "https://shop.example")

    assert "\n" not in rendered.subject
    assert "\r" not in rendered.body
    assert "https://shop.example/t/acme/reset/t\n" in rendered.body
