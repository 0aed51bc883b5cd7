"""One request to a judged address, and everything that a receiver may do to it."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tenants.webhooks.wire import READ_BYTES_MAX, Reply, Wire
from tests.tenants.webhooks.receivers import Receiver

BODY = b'{"type":"mug.sold"}'


@contextmanager
def raw_server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Listen on a free port and do as told with the first connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)

        def run() -> None:
            try:
                taken, _ = listening.accept()
            except OSError:
                return
            with taken:
                serve(taken)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    thread.join(5)


def post(url: str, *, timeout_seconds: float = 5.0, **options: object) -> Reply:
    wire = Wire(to_loopback=True, timeout_seconds=timeout_seconds, **options)  # type: ignore[arg-type]
    return wire.post(url, {"webhook-id": "whm_1"}, BODY)


def test_a_name_that_turns_to_this_machine_is_refused_at_every_attempt(receiver: Receiver) -> None:
    """WH-09: rebinding: public at first, loopback then; each attempt looks up and judges anew."""
    answers = iter([["203.0.113.9"], ["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["10.0.0.1"]])
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    wire = Wire(resolve=resolve, timeout_seconds=2)
    replies = [wire.post("https://shop.example/hook", {}, BODY) for _ in range(4)]

    assert [reply.status for reply in replies] == [None] * 4
    assert all("address of the public internet" in reply.told for reply in replies)
    assert asked == ["shop.example"] * 4
    assert receiver.messages == []


def test_the_connection_goes_to_the_judged_address_and_the_name_stays_in_the_request(
    receiver: Receiver,
) -> None:
    """WH-09: the name is looked up once; what it says a moment later changes nothing."""
    port = receiver.server_address[1]
    answers = iter([["127.0.0.1"], ["192.0.2.1"]])
    wire = Wire(to_loopback=True, resolve=lambda _host, _port: next(answers))

    reply = wire.post(f"http://localhost:{port}/hook?a=b", {"webhook-id": "whm_1"}, BODY)

    assert reply.status == 204
    (got,) = receiver.messages
    assert (got.path, got.headers["host"]) == ("/hook?a=b", f"localhost:{port}")
    assert got.body == BODY


def test_a_proxy_of_the_environment_is_not_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WH-09."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert post(receiver.url).status == 204


def test_a_receiver_that_says_nothing_is_left_after_the_time_in_all() -> None:
    """WH-05."""

    def say_nothing(taken: socket.socket) -> None:
        taken.recv(1 << 16)
        time.sleep(1.5)

    with raw_server(say_nothing) as url:
        reply = post(url, timeout_seconds=0.4)

    assert (reply.status, reply.took_ms < 1200) == (None, True)
    assert "0.4 seconds" in reply.told


def test_a_receiver_that_drips_is_left_after_the_time_in_all() -> None:
    """WH-05: each byte comes in time, the answer never does."""

    def drip(taken: socket.socket) -> None:
        taken.recv(1 << 16)
        for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 100:
            try:
                taken.sendall(bytes([byte]))
            except OSError:
                return
            time.sleep(0.05)

    with raw_server(drip) as url:
        reply = post(url, timeout_seconds=0.4)

    assert (reply.status, reply.took_ms < 1200) == (None, True)


def test_no_more_than_64_kib_of_an_answer_are_read() -> None:
    """WH-05."""

    def pour(taken: socket.socket) -> None:
        taken.recv(1 << 16)
        taken.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        try:
            for _ in range(400):
                taken.sendall(b"m" * 65_536)
        except OSError:
            return

    with raw_server(pour) as url:
        reply = post(url)

    assert (reply.status, len(reply.body)) == (200, READ_BYTES_MAX)


@pytest.mark.parametrize("answer", [b"", b"mugs\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\0" * 70_000])
def test_an_answer_that_is_none_is_a_failure(answer: bytes) -> None:
    def say(taken: socket.socket) -> None:
        taken.recv(1 << 16)
        taken.sendall(answer)

    with raw_server(say) as url:
        assert post(url).status is None


def test_where_nobody_listens_the_connection_fails() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    assert "connection failed" in post(f"http://127.0.0.1:{port}/").told


def test_a_receiver_without_a_certificate_that_holds_gets_nothing() -> None:
    """WH-09: TLS is checked for the name, wherever it leads."""
    seen: list[bytes] = []

    with raw_server(lambda taken: seen.append(taken.recv(1 << 16))) as url:
        reply = post(url.replace("http:", "https:"), timeout_seconds=2)

    assert reply.status is None
    assert BODY not in b"".join(seen)
    assert Wire()._tls.verify_mode is ssl.CERT_REQUIRED
    assert Wire()._tls.check_hostname
