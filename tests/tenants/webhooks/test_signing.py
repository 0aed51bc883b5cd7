"""Signatures as a third party's verifier reads them."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tenants.webhooks.signing import (
    PREFIX,
    SECRET_BYTES_MAX,
    SECRET_BYTES_MIN,
    headers,
    new_secret,
    spelled,
)

MUG_SOLD = '{"type":"mug.sold","data":{"name":"Tasse für Zoë"}}'.encode()


def now() -> datetime:
    """The verifier compares with the machine's clock."""
    return datetime.now(UTC)


def verifies(secret: bytes, given: dict[str, str], body: bytes = MUG_SOLD) -> bool:
    try:
        Webhook(spelled(secret)).verify(body, given)
    except (WebhookVerificationError, ValueError):  # It raises both for what it cannot read.
        return False
    return True


def test_somebody_elses_verifier_takes_a_signed_message() -> None:
    """WH-01: `standardwebhooks` of PyPI is not our code."""
    secret = new_secret()

    given = headers([secret], "msg_1", now(), MUG_SOLD)

    assert sorted(given) == ["webhook-id", "webhook-signature", "webhook-timestamp"]
    assert verifies(secret, given)
    assert not verifies(new_secret(), given)


def test_a_secret_is_spelled_with_its_prefix_and_is_long_enough() -> None:
    """WH-01: 24 to 64 random bytes, unlike any other."""
    secret = new_secret()

    told = spelled(secret)

    assert told.startswith("whsec_")
    assert base64.b64decode(told.removeprefix(PREFIX)) == secret
    assert SECRET_BYTES_MIN <= len(secret) <= SECRET_BYTES_MAX
    assert new_secret() != secret


@pytest.mark.parametrize("place", range(len(MUG_SOLD)))
def test_a_body_with_one_changed_byte_is_refused(place: int) -> None:
    """WH-01: every byte of the body is signed, letters of two bytes too."""
    secret = new_secret()
    given = headers([secret], "msg_1", now(), MUG_SOLD)
    changed = bytearray(MUG_SOLD)
    changed[place] ^= 1 if changed[place] < 128 else 2

    assert not verifies(secret, given, bytes(changed))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("webhook-id", lambda text: text + "2"),
        ("webhook-timestamp", lambda text: str(int(text) + 1)),
        ("webhook-signature", lambda text: text[:-3] + ("A" if text[-3] != "A" else "B") + "A="),
        ("webhook-signature", lambda text: text.replace("v1,", "v2,")),
        ("webhook-signature", lambda text: text.removeprefix("v1,")),
    ],
)
def test_a_changed_header_is_refused(name: str, change: object) -> None:
    """WH-01: id, time and signature hold each other."""
    assert callable(change)
    secret = new_secret()
    given = headers([secret], "msg_1", now(), MUG_SOLD)

    assert not verifies(secret, given | {name: change(given[name])})


def test_an_old_message_is_refused_by_its_time() -> None:
    """WH-04: the time is that of the attempt, so that what was recorded cannot be played again."""
    secret = new_secret()

    given = headers([secret], "msg_1", now() - timedelta(minutes=10), MUG_SOLD)

    assert not verifies(secret, given)


def test_during_a_rotation_the_holder_of_either_secret_verifies() -> None:
    """WH-03: two signatures, a space between."""
    old, new = new_secret(), new_secret()

    given = headers([new, old], "msg_1", now(), MUG_SOLD)

    assert len(given["webhook-signature"].split(" ")) == 2
    assert (verifies(old, given), verifies(new, given)) == (True, True)
    assert not verifies(old, headers([new], "msg_1", now(), MUG_SOLD))
