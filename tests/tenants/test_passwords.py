"""Which passwords are refused, and what a hash costs."""

import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest

from kernel.errors import Fault
from tenants.identity.hashing import Cost, Hasher, Verdict
from tenants.identity.password_rules import faults_of
from tests.tenants.conftest import CHEAP

ROOT = Path(__file__).parents[2]
ANA = ("Ana Anders", "ana@acme.example", "Acme Mugs", "acme")


@pytest.mark.parametrize(
    "password",
    [
        "nine purple lamps on a shelf",
        "xkvq7-plm2-ggzt",
        "8402-7731-5529-0046",
        "Kühe fliegen nachts",
        "パスワードではない長い文字列です",
    ],
)
def test_a_long_password_of_one_s_own_is_good(password: str) -> None:
    """ID-06: 12 to 128 characters, no composition rules."""
    assert faults_of(password, ANA) == ()


@pytest.mark.parametrize(
    ("password", "why"),
    [
        pytest.param("short-enough", None, id="twelve are enough"),
        pytest.param("elevenchars", "at least 12", id="eleven are not"),
        pytest.param("x7!" * 43, "at most 128", id="129 are too many"),
        pytest.param("Password1234!", "tried first", id="a word and a run"),
        pytest.param("P@ssw0rd2026!!", "tried first", id="the same in disguise"),
        pytest.param("Summer2026!!!", "tried first", id="a season and a year"),
        pytest.param("qwertyuiop123", "tried first", id="a row of keys"),
        pytest.param("monkeymonkey12", "tried first", id="a word twice"),
        pytest.param("iloveyou123456", "tried first", id="a sentence everybody says"),
        pytest.param("abababababab", "different characters", id="two letters again and again"),
        pytest.param("acme-mugs-2026", "tried first", id="the company's own name"),
        pytest.param("AnaAnders2026", "tried first", id="one's own name"),
    ],
)
def test_what_everybody_tries_first_is_refused(password: str, why: str | None) -> None:
    """ID-06: a list that needs no network, and the person's own words."""
    faults = faults_of(password, ANA)

    if why is None:
        assert faults == ()
    else:
        assert [(fault.pointer, fault.code) for fault in faults] == [
            ("/password", "identity.password")
        ]
        assert why in faults[0].detail
        assert isinstance(faults[0], Fault)


def test_a_hash_costs_what_was_decided() -> None:
    """ID-05: Argon2id, 64 MiB, three passes."""
    encoded = Hasher().hash("nine purple lamps on a shelf")

    assert encoded.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_only_the_right_password_fits() -> None:
    hasher = Hasher(CHEAP)
    encoded = hasher.hash("nine purple lamps")

    verdicts = [
        hasher.check(encoded, "nine purple lamps"),
        hasher.check(encoded, "Nine purple lamps"),
        hasher.check(None, "nobody has this password"),
        hasher.check("not a hash", "nine purple lamps"),
        Hasher(Cost(memory_kib=128, passes=1, lanes=1)).check(encoded, "nine purple lamps"),
    ]

    assert verdicts == [
        Verdict(True), Verdict(False), Verdict(False), Verdict(False), Verdict(True, True),
    ]  # fmt: skip


def test_the_same_password_from_two_keyboards_is_the_same() -> None:
    hasher = Hasher(CHEAP)

    composed = hasher.hash("Kühe fliegen nachts")

    assert hasher.check(composed, "Ku\u0308he fliegen nachts").is_right


def test_at_most_two_hashes_run_at_a_time() -> None:
    """ID-05: fifty sign-ins at once use the memory of two."""
    hasher = Hasher(Cost(memory_kib=8 * 1024, passes=1, lanes=1))
    running, most = 0, 0
    original = hasher._fits

    def watched(encoded: str, password: str) -> bool:
        nonlocal running, most
        running += 1
        most = max(most, running)
        try:
            return original(encoded, password)
        finally:
            running -= 1

    hasher._fits = watched  # type: ignore[method-assign] # To watch, not to replace.
    threads = [Thread(target=hasher.check, args=(None, "x")) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert (hasher.hashes, running) == (50, 0)
    assert 1 <= most <= 2


def test_twelve_sign_ins_at_once_use_the_memory_of_two() -> None:
    """ID-05: measured in a process of its own, where nothing else moves the peak."""
    measured = (
        "import threading\n"
        "from tenants.identity.hashing import Hasher\n"
        "hasher = Hasher()\n"
        "def peak():\n"
        # The peak of this very program; getrusage would count the one that started it, too.
        "    with open('/proc/self/status') as status:\n"
        "        return next(int(s.split()[1]) for s in status if s.startswith('VmHWM'))\n"
        "before = peak()\n"
        "threads = [threading.Thread(target=hasher.hash, args=('x' * 20,)) for _ in range(12)]\n"
        "[thread.start() for thread in threads]\n"
        "[thread.join() for thread in threads]\n"
        "print((peak() - before) // 1024)\n"
    )

    done = subprocess.run(
        [sys.executable, "-P", "-c", measured],
        cwd=ROOT, env={"PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip

    # Two of 64 MiB, and some for threads and allocators; twelve would be 768.
    assert 64 <= int(done.stdout) < 64 * 2 + 64
