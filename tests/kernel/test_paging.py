"""A cursor goes on where its own list stopped, and nowhere else."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.paging import CursorInvalid, CursorSigner
from tests.conftest import ACME, GLOBEX

SIGNER = CursorSigner(b"k" * 32)
QUERY = {"state": "open", "sort": "-created_at"}
AFTER = ["2026-03-02T09:00:00Z", "ord_01", None, 7]


@given(st.lists(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), max_size=5))
def test_a_cursor_gives_back_what_it_was_made_of(after: list[Any]) -> None:
    cursor = SIGNER.write(ACME, QUERY, after)

    assert SIGNER.read(ACME, QUERY, cursor) == after
    assert cursor.replace("-", "").replace("_", "").isalnum()


def test_the_order_in_which_a_filter_is_spelled_does_not_matter() -> None:
    cursor = SIGNER.write(ACME, QUERY, AFTER)

    assert SIGNER.read(ACME, dict(reversed(QUERY.items())), cursor) == AFTER


def test_a_cursor_of_another_tenant_is_refused() -> None:
    cursor = SIGNER.write(GLOBEX, QUERY, AFTER)

    with pytest.raises(CursorInvalid):
        SIGNER.read(ACME, QUERY, cursor)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({**QUERY, "state": "closed"}, id="another filter"),
        pytest.param({**QUERY, "sort": "created_at"}, id="another order"),
        pytest.param({"state": "open"}, id="less said"),
        pytest.param({}, id="nothing said"),
    ],
)
def test_a_cursor_of_another_query_is_refused(other: dict[str, str]) -> None:
    cursor = SIGNER.write(ACME, QUERY, AFTER)

    with pytest.raises(CursorInvalid):
        SIGNER.read(ACME, other, cursor)


def test_a_cursor_signed_with_another_key_is_refused() -> None:
    cursor = CursorSigner(b"o" * 32).write(ACME, QUERY, AFTER)

    with pytest.raises(CursorInvalid):
        SIGNER.read(ACME, QUERY, cursor)


def test_every_single_changed_character_is_noticed() -> None:
    """Also the spare bits of the last one, and characters that decoding would skip."""
    cursor = SIGNER.write(ACME, QUERY, AFTER)
    alphabet = "ABab01-_=!é"

    for position in range(len(cursor) + 1):
        for character in alphabet:
            put_in = cursor[:position] + character + cursor[position:]
            changed = cursor[:position] + character + cursor[position + 1 :]
            for forged in {put_in, changed} - {cursor}:
                with pytest.raises(CursorInvalid):
                    SIGNER.read(ACME, QUERY, forged)


def test_a_signed_part_does_not_pass_for_another() -> None:
    raw = base64.urlsafe_b64decode(SIGNER.write(ACME, QUERY, ["a"]) + "==")
    other = base64.urlsafe_b64decode(SIGNER.write(ACME, QUERY, ["b"]) + "==")
    forged = base64.urlsafe_b64encode(raw[:16] + other[16:]).rstrip(b"=").decode()

    with pytest.raises(CursorInvalid):
        SIGNER.read(ACME, QUERY, forged)


@pytest.mark.parametrize("cursor", ["", "x", "%%%", "null", "\ud800", "A" * 10_000])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        SIGNER.read(ACME, QUERY, cursor)
