"""WH-09, WH-10: where nothing is ever sent to, whoever asks and however it is spelled."""

import pytest

from tenants.webhooks.addresses import why_bad
from tenants.webhooks.urls import Target, UrlRefused, target_of


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254",
        "172.16.0.1", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
        "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::ffff:169.254.169.254", "::ffff:224.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378::1",
        "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "fc00::1", "fd12:3456::1", "fe80::1",
        "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1", "2606:4700::1111%1",
        "", "mug", "127.1", "0x7f000001", "2130706433", "①②⑦.⓪.⓪.①", "1.2.3.4 ", "1.2.3.4/8",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_public_internet_is_refused(address: str) -> None:
    """WH-10."""
    assert why_bad(address) is not None


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "93.184.215.14", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"],
)
def test_an_address_of_the_public_internet_is_taken(address: str) -> None:
    """WH-10."""
    assert why_bad(address) is None


@pytest.mark.parametrize(
    "url",
    [
        "", "mug", "/webhooks", "//shop.example", "ftp://shop.example/", "javascript:alert(1)",
        "http://shop.example/", "https://", "https:///x", "https://shop.example:80/",
        "https://shop.example:22/", "https://shop.example:99999/", "https://shop.example:x/",
        "https://user@shop.example/", "https://user:word@shop.example/", "https://@shop.example/",
        "https://shop.example/#part", "https://shop.example\\@127.0.0.1/",
        "https://localhost/", "https://localhost./", "https://a.localhost/", "https://shop/",
        "https://db.internal/", "https://printer.local/", "https://127.0.0.1/", "https://127.1/",
        "https://0x7f000001/", "https://2130706433/", "https://0177.0.0.1/", "https://1.2.3/",
        "https://①②⑦.⓪.⓪.①/", "https://bücher.example/", "https://[::1]/", "https://[::]/",
        "https://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/", "https://[::1",
        "https://169.254.169.254/latest", "https://10.0.0.1:8443/", "https://shop..example/",
        "https://-shop.example/", "https://shop.example /", "https://shop.example/a b",
        "https://shop.example/\r\nHost: x", "https://shop.example/" + "a" * 2000,
    ],
)  # fmt: skip
def test_a_url_that_is_not_for_events_is_refused_in_words(url: str) -> None:
    """WH-09: https, ports 443 and 8443, no user, a public host in its usual spelling."""
    with pytest.raises(UrlRefused, match=r"\.$"):
        target_of(url)


@pytest.mark.parametrize(
    ("url", "target", "header"),
    [
        ("https://shop.example", Target("https", "shop.example", 443, "/"), "shop.example"),
        ("https://Shop.Example:8443/a?b=c", Target("https", "shop.example", 8443, "/a?b=c"),
         "shop.example:8443"),
        ("https://8.8.8.8/x", Target("https", "8.8.8.8", 443, "/x"), "8.8.8.8"),
        ("https://[2606:4700::1111]/", Target("https", "2606:4700::1111", 443, "/"),
         "[2606:4700::1111]"),
    ],
)  # fmt: skip
def test_a_url_for_events_says_where_to_connect(url: str, target: Target, header: str) -> None:
    """WH-09: the host of the request stays the one that was written down."""
    assert target_of(url) == target
    assert target.host_header == header


def test_a_receiver_on_this_machine_is_for_development_alone() -> None:
    """WH-09: the switch opens loopback, and nothing else."""
    url = "http://127.0.0.1:5005/hook"

    assert target_of(url, to_loopback=True) == Target("http", "127.0.0.1", 5005, "/hook")
    for refused in ("http://shop.example/", "http://10.0.0.1/", "https://10.0.0.1/"):
        with pytest.raises(UrlRefused):
            target_of(refused, to_loopback=True)
    with pytest.raises(UrlRefused):
        target_of(url)
