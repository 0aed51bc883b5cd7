"""Secrets at rest open in their own place, with a key that is still known (SEC-06)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.secrets import SecretBox, SecretUnreadable, derive_key

KEY, OLD_KEY, STRANGE_KEY = b"k" * 32, b"o" * 32, b"s" * 32
BOX = SecretBox([KEY])
HERE = "ten_acme/channel/chn_1/password"


@given(st.binary(max_size=200), st.text(max_size=50))
def test_what_is_sealed_opens_in_its_place(plain: bytes, place: str) -> None:
    assert BOX.open(BOX.seal(plain, place), place) == plain


@pytest.mark.parametrize(
    "there",
    [
        pytest.param("ten_globex/channel/chn_1/password", id="another tenant"),
        pytest.param("ten_acme/channel/chn_2/password", id="another row"),
        pytest.param("ten_acme/channel/chn_1/token", id="another column"),
        pytest.param("", id="no place"),
    ],
)
def test_a_secret_that_was_moved_does_not_open(there: str) -> None:
    """TEN-16: a ciphertext copied from row to row, or from tenant to tenant, is worth nothing."""
    sealed = BOX.seal(b"hush", HERE)

    with pytest.raises(SecretUnreadable):
        BOX.open(sealed, there)


def test_after_a_rotation_the_old_key_opens_and_the_new_one_seals() -> None:
    sealed_before = BOX.seal(b"hush", HERE)
    rotated = SecretBox([STRANGE_KEY, KEY])

    sealed_after = rotated.seal(b"hush", HERE)

    assert rotated.open(sealed_before, HERE) == b"hush"
    assert SecretBox([STRANGE_KEY]).open(sealed_after, HERE) == b"hush"
    with pytest.raises(SecretUnreadable):
        SecretBox([OLD_KEY]).open(sealed_before, HERE)
    with pytest.raises(SecretUnreadable):
        BOX.open(sealed_after, HERE)


def test_one_secret_sealed_twice_looks_different() -> None:
    """A nonce is never used again."""
    sealed = {BOX.seal(b"hush", HERE) for _ in range(1000)}

    assert len({each[:12] for each in sealed}) == 1000
    assert not [each for each in sealed if b"hush" in each]


@given(st.integers(0, 31), st.integers(1, 255))
def test_a_secret_with_a_single_changed_byte_does_not_open(position: int, change: int) -> None:
    sealed = bytearray(BOX.seal(b"hush", HERE))
    sealed[position % len(sealed)] ^= change

    with pytest.raises(SecretUnreadable):
        BOX.open(bytes(sealed), HERE)


@pytest.mark.parametrize("size", [0, 1, 7, 11, 12, 27])
def test_what_is_too_short_to_be_sealed_does_not_open(size: int) -> None:
    with pytest.raises(SecretUnreadable):
        BOX.open(b"x" * size, HERE)


def test_keys_for_two_purposes_have_nothing_in_common() -> None:
    keys = {derive_key(KEY, purpose) for purpose in ("audit", "cursor", "secret-box")}

    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert derive_key(KEY, "audit") in keys
