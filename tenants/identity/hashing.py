"""Argon2id at a fixed cost, two at a time, so that sign-ins cannot eat the memory of a server."""

import unicodedata
from dataclasses import dataclass
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE_MAX = 2


@dataclass(frozen=True)
class Cost:
    """What one hash costs: RFC 9106's second recommendation, 64 MiB and three passes."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


@dataclass(frozen=True)
class Verdict:
    """Whether a password fits, and whether its hash was made at another cost than today's."""

    is_right: bool
    is_outdated: bool = False


class Hasher:
    """Hashes and checks passwords. One per process: at most two of its hashes run at a time.

    `hashes` counts the work done; unknown people cost as much as known ones.
    """

    def __init__(self, cost: Cost | None = None) -> None:
        """Take the cost; the tests of other rooms choose a cheap one."""
        chosen = cost or Cost()
        self._argon = PasswordHasher(
            time_cost=chosen.passes, memory_cost=chosen.memory_kib, parallelism=chosen.lanes
        )
        self._room = BoundedSemaphore(AT_ONCE_MAX)
        self._nobody: str | None = None
        self.hashes = 0

    def hash(self, password: str) -> str:
        """Return the encoded hash, its cost and salt included."""
        with self._room:
            self.hashes += 1
            return self._argon.hash(_spelled(password))

    def check(self, encoded: str | None, password: str) -> Verdict:
        """Check a password; None, for nobody, does the same work and is never right."""
        with self._room:
            self.hashes += 1
            # Made by the first check of all, whoever it is about.
            self._nobody = self._nobody or self._argon.hash("nobody has this password")
            is_right = self._fits(encoded or self._nobody, password) and encoded is not None
        is_outdated = is_right and self._argon.check_needs_rehash(encoded or "")
        return Verdict(is_right, is_outdated)

    def _fits(self, encoded: str, password: str) -> bool:
        try:
            return self._argon.verify(encoded, _spelled(password))
        except (VerificationError, InvalidHashError):
            return False


def _spelled(password: str) -> str:
    """Give one spelling to what keyboards spell differently (NFKC), as NIST SP 800-63B asks."""
    return unicodedata.normalize("NFKC", password)
