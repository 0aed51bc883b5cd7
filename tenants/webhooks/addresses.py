"""Which addresses a webhook may be sent to: those of the public internet, and no others."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_BAD_4 = tuple(IPv4Network(each) for each in ("192.88.99.0/24",))
# Ways by which an address of the sixth version stands for one of the fourth, or for a place inside.
_BAD_6 = tuple(
    IPv6Network(each)
    for each in (
        "::/96",  # IPv4-compatible: ::127.0.0.1
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64 of a network of one's own
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fec0::/10",  # Site-local, of old
    )
)


def why_bad(text: str) -> str | None:
    """Return why nothing may be sent to an address, or None for one of the public internet.

    `is_global` of Python alone lets tunnels, multicast and site-local addresses through.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return "is no address"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return why_bad(str(address.ipv4_mapped))
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return "belongs to one network interface"
    return _why_bad(address)


def is_loopback(text: str) -> bool:
    """Tell whether an address is this very machine's."""
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False


def _why_bad(address: IPv4Address | IPv6Address) -> str | None:
    if address.is_multicast:
        return "is a multicast address"
    if address.is_reserved or not address.is_global:
        return "is not an address of the public internet"
    if isinstance(address, IPv6Address):
        tunnels = any(address in network for network in _BAD_6)
    else:
        tunnels = any(address in network for network in _BAD_4)
    return "leads through a tunnel to other networks" if tunnels else None
