"""The embedded Valkey keeps its address and its wake-ups, and asks for a password."""

import os
import signal
import socket
import stat
from pathlib import Path

import pytest
import redis

from kernel import embedded
from kernel.embedded.child import occupants
from kernel.embedded.claim import Claimed


def test_a_killed_server_starts_again_at_the_same_address(tmp_path: Path) -> None:
    with embedded.valkey(tmp_path / "vk", durable=True) as server:
        first_address = server.url
        with redis.Redis.from_url(first_address) as client:
            client.set("wake", "acme")
            client.execute_command("WAITAOF", 1, 0, 5000)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)

        server.start()

        assert server.url == first_address
        with redis.Redis.from_url(server.url) as client:
            assert client.get("wake") == b"acme"
    assert occupants(tmp_path / "vk" / "rows") == []


def test_a_port_that_a_stranger_took_is_given_up(tmp_path: Path) -> None:
    with embedded.valkey(tmp_path / "vk") as server:
        first_address = server.url
    port = int((tmp_path / "vk" / "port").read_text())

    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        with embedded.valkey(tmp_path / "vk") as server:
            assert server.url != first_address


def test_nobody_comes_in_without_the_password(tmp_path: Path) -> None:
    """SEC-06: the password is in no command line, and only its owner reads the file."""
    with embedded.valkey(tmp_path / "vk") as server:
        password = (tmp_path / "vk" / "password").read_text().strip()
        command_line = Path(f"/proc/{server.pid}/cmdline").read_bytes()
        with (
            redis.Redis.from_url(server.url.replace(password, "guessed")) as client,
            pytest.raises(redis.AuthenticationError),
        ):
            client.ping()

        assert password.encode() not in command_line
    private = [tmp_path / "vk" / name for name in ("password", "valkey.conf")]
    assert [stat.S_IMODE(path.stat().st_mode) for path in private] == [0o600, 0o600]


def test_a_full_memory_is_an_error_and_never_a_lost_wake_up(tmp_path: Path) -> None:
    with (
        embedded.valkey(tmp_path / "vk") as server,
        redis.Redis.from_url(server.url, decode_responses=True) as client,
    ):
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_two_cannot_serve_one_directory(tmp_path: Path) -> None:
    with embedded.valkey(tmp_path / "vk"), pytest.raises(Claimed):
        embedded.Valkey(tmp_path / "vk", durable=False).start()
