"""One POST to an endpoint: to a judged address, within 15 seconds, without redirects or proxies."""

import http.client
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Thread, Timer

from kernel.clock import monotonic_seconds
from tenants.webhooks.addresses import is_loopback, why_bad
from tenants.webhooks.urls import Target, UrlRefused, target_of

TIMEOUT_SECONDS = 15.0
READ_BYTES_MAX = 64 * 1024
USER_AGENT = "Wareflow-Webhooks/1"

Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True)
class Reply:
    """What came back: a status with its headers and the beginning of its body, or why nothing."""

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    told: str = ""
    took_ms: int = 0


class AddressRefused(Exception):
    """The host has an address that nothing is sent to."""


def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """Return every address that this machine's resolver has for a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Wire:
    """Sends one request after the other; keeps nothing between them."""

    def __init__(
        self,
        *,
        to_loopback: bool = False,
        resolve: Resolve = resolve_by_system,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """`to_loopback` lets receivers on this very machine be reached, over http too."""
        self._to_loopback = to_loopback
        self._resolve = resolve
        self._timeout = timeout_seconds
        self._tls = ssl.create_default_context()

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a body and return what came of it; never raises for what the other side does."""
        began = monotonic_seconds()
        try:
            target = target_of(url, to_loopback=self._to_loopback)
            reply = self._exchange(target, headers, body, began + self._timeout)
        except (UrlRefused, AddressRefused) as refused:
            reply = Reply(None, told=str(refused))
        except TimeoutError:
            reply = Reply(None, told=f"There was no whole answer in {self._timeout:g} seconds.")
        except ssl.SSLCertVerificationError as error:
            reply = Reply(None, told=f"Its certificate does not hold: {error.verify_message}.")
        except (OSError, http.client.HTTPException, ValueError) as error:
            reply = Reply(None, told=f"The connection failed: {type(error).__name__}.")
        took = int((monotonic_seconds() - began) * 1000)
        return Reply(reply.status, reply.headers, reply.body, reply.told, took)

    def _exchange(
        self, target: Target, headers: Mapping[str, str], body: bytes, end: float
    ) -> Reply:
        connection = self._connected(target, self._judged(target, end), end)
        is_late: list[bool] = []
        wire = connection.sock
        assert isinstance(wire, socket.socket), "it was connected just now"

        def cut() -> None:
            is_late.append(True)
            # Past TLS, which must not say goodbye first.
            socket.socket.shutdown(wire, socket.SHUT_RDWR)

        # A receiver that drips keeps each single wait short: only a clock beside it ends that.
        watch = Timer(max(0.0, end - monotonic_seconds()), cut)
        watch.daemon = True
        watch.start()
        try:
            return _asked(connection, target, headers, body)
        except (OSError, http.client.HTTPException, ValueError):
            if is_late:
                raise TimeoutError from None
            raise
        finally:
            watch.cancel()
            connection.close()

    def _judged(self, target: Target, end: float) -> Sequence[str]:
        """Look the host up once, and refuse it whole where any of its addresses is bad."""
        found = _within(lambda: self._resolve(target.host, target.port), end)
        if not found:
            raise AddressRefused("The host has no address.")
        for address in found:
            why = why_bad(address)
            if why is not None and not (self._to_loopback and is_loopback(address)):
                raise AddressRefused(f"The host's address {address[:45]} {why}.")
        return found

    def _connected(
        self, target: Target, addresses: Sequence[str], end: float
    ) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(target.host, target.port)
        for place, address in enumerate(addresses):
            try:
                raw = socket.create_connection((address, target.port), timeout=_left(end))
                break
            except OSError:
                if place == len(addresses) - 1:
                    raise
        raw.settimeout(_left(end))
        # To the address that was judged; the name stays in TLS and in the request.
        connection.sock = raw
        if target.scheme == "https":
            try:
                connection.sock = self._tls.wrap_socket(raw, server_hostname=target.host)
            except BaseException:
                raw.close()
                raise
        return connection


def _asked(
    connection: http.client.HTTPConnection,
    target: Target,
    headers: Mapping[str, str],
    body: bytes,
) -> Reply:
    connection.putrequest("POST", target.path, skip_host=True, skip_accept_encoding=True)
    own = {
        "Host": target.host_header,
        "User-Agent": USER_AGENT,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    for name, value in (own | dict(headers)).items():
        connection.putheader(name, value)
    connection.endheaders(body)
    with connection.getresponse() as answer:
        given = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, given, answer.read(READ_BYTES_MAX))


def _within(ask: Callable[[], Sequence[str]], end: float) -> Sequence[str]:
    """Ask in a thread of its own: a resolver takes as long as it likes."""
    found: list[Sequence[str]] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            found.append(ask())
        except Exception as error:
            failed.append(error)

    asking = Thread(target=run, name="webhook-resolver", daemon=True)
    asking.start()
    asking.join(_left(end))
    if failed:
        raise AddressRefused("The host's name was not found.") from failed[0]
    if not found:
        raise TimeoutError
    return found[0]


def _left(end: float) -> float:
    left = end - monotonic_seconds()
    if left <= 0:
        raise TimeoutError
    return left
