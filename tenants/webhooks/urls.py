"""Which URLs an endpoint may have, judged before any name is looked up."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from tenants.webhooks.addresses import is_loopback, why_bad

URL_LENGTH_MAX = 2000
PORTS = (443, 8443)
_LOCAL_NAME = "localhost"
_INSIDE = (_LOCAL_NAME, "local", "internal", "intranet", "home.arpa", "lan", "corp")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PATH = re.compile(r"[!-~]*")


@dataclass(frozen=True)
class Target:
    """Where an endpoint listens: what is connected to, and what is asked for there."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """The host as the request names it, with the port where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (
            host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"
        )


class UrlRefused(ValueError):
    """This URL is not one to send events to; the message says why, as a sentence."""


def target_of(url: str, *, to_loopback: bool = False) -> Target:
    """Read an endpoint's URL; UrlRefused says in words what is wrong with it.

    `to_loopback` allows http and any port on this machine itself, for development and tests.
    """
    if len(url) > URL_LENGTH_MAX or not _PATH.fullmatch(url):
        raise UrlRefused(f"Write a URL of at most {URL_LENGTH_MAX} plain ASCII characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UrlRefused("Write a URL such as https://shop.example/webhooks.") from error
    host = (parts.hostname or "").rstrip(".")
    if not host or parts.scheme not in ("https", "http"):
        raise UrlRefused("Write a URL such as https://shop.example/webhooks.")
    if "@" in parts.netloc:
        raise UrlRefused("Leave user name and password out: messages are signed instead.")
    if "#" in url or "\\" in url:
        raise UrlRefused("Leave # and \\ out: they are not sent.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if to_loopback and (host == _LOCAL_NAME or is_loopback(host)):
        return Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)
    if parts.scheme != "https":
        raise UrlRefused("The URL must start with https://.")
    if port is not None and port not in PORTS:
        raise UrlRefused("Use port 443 or 8443.")
    _judge_host(host)
    return Target("https", host, port or 443, path)


def _judge_host(host: str) -> None:
    """Refuse what is no public name; one that resolves to a bad address is refused when sent to."""
    labels = host.split(".")
    if ":" in host or _NUMBER.fullmatch(labels[-1]):
        _judge_number(host)
        return
    if len(host) > 253 or not all(_LABEL.fullmatch(each) for each in labels):
        raise UrlRefused("The host must be a name in ASCII, such as shop.example.")
    if len(labels) < 2 or any(host == each or host.endswith(f".{each}") for each in _INSIDE):
        raise UrlRefused("The host must be one of the public internet.")


def _judge_number(host: str) -> None:
    """Only the usual spelling of an address is one: 127.1 and 0x7f000001 mean this machine."""
    try:
        usual = str(ip_address(host))
    except ValueError as error:
        raise UrlRefused("Write the host as a name, or the address in full.") from error
    why = why_bad(usual)
    if usual != host.lower() or why is not None:
        raise UrlRefused("The host must be one of the public internet.")
