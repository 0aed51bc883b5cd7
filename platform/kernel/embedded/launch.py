"""Becomes another program that dies with its parent and, for root, is not root there.

Run as a script by `child.py`, on the standard library alone and in an interpreter with nothing
loaded: what happens here between fork and exec would not be safe in a process with threads.

    python -I -S launch.py PARENT_PID DEATH_SIGNAL IDENTITY COMMAND...

IDENTITY is `self`, `namespace` (PostgreSQL refuses to be root, so it is somebody else in a user
namespace of its own) or `nobody` (where namespaces are refused).
"""

import ctypes
import os
import pwd
import struct
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION = 0x20080522


def main(arguments: list[str]) -> None:
    """Take the identity, tie our life to the parent's, become the command."""
    parent, death_signal, identity, *command = arguments
    if identity == "namespace":
        _enter_namespace()
    elif identity == "nobody":
        _become_nobody()
    if sys.platform == "linux":
        # After the change of identity, which clears this setting.
        _prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != int(parent):
            sys.exit("the parent died before its child began")
    os.execv(command[0], command)  # noqa: S606 -- to become the command is the whole point


def _enter_namespace() -> None:
    """Be `nobody` inside and who we are outside, so that every file stays ours."""
    uid, gid = os.geteuid(), os.getegid()
    nobody = _nobody()
    _check(_libc().unshare(CLONE_NEWUSER), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{nobody.pw_uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{nobody.pw_gid} {gid} 1")


def _become_nobody() -> None:
    """Give up root, but keep the one power to reach files under folders of root.

    Without it the installation and `var/` would have to be copied to where nobody may look.
    """
    nobody = _nobody()
    _prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(nobody.pw_gid, nobody.pw_gid, nobody.pw_gid)
    os.setresuid(nobody.pw_uid, nobody.pw_uid, nobody.pw_uid)
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    mask = 1 << CAP_DAC_OVERRIDE
    _check(_libc().capset(header, struct.pack("6I", mask, mask, mask, 0, 0, 0)), "capset")
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE)


def _nobody() -> pwd.struct_passwd:
    """Return an ordinary user the machine knows: initdb asks for the name of who runs it."""
    ordinary = [user for user in pwd.getpwall() if user.pw_uid != 0]
    return min(ordinary, key=lambda user: user.pw_name != "nobody")


def _prctl(option: int, first: int, second: int = 0) -> None:
    _check(_libc().prctl(option, first, second, 0, 0), f"prctl {option}")


def _check(answer: int, what: str) -> None:
    if answer != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main(sys.argv[1:])
