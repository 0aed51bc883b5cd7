"""The embedded PostgreSQL starts anywhere, recovers from any death, and keeps its data."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from kernel import embedded
from kernel.embedded.child import occupants
from kernel.embedded.claim import Claimed
from kernel.embedded.identity import Identity


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
        return row[0] if row else None


def remember(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS said (word text)")
        connection.execute("INSERT INTO said VALUES (%s)", [word])


def wait_for(pid: int, *, seconds: float = 15) -> None:
    """Return once nobody bears this number, or only a zombie does."""
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except FileNotFoundError:
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} still lives")


def test_what_was_written_is_there_at_the_next_start(tmp_path: Path) -> None:
    with embedded.postgres(tmp_path / "pg") as server:
        first_address = server.superuser_url
        remember(first_address, "MUG")

    with embedded.postgres(tmp_path / "pg") as server:
        assert server.superuser_url == first_address
        assert ask(server.superuser_url, "SELECT word FROM said") == "MUG"


def test_a_killed_server_starts_again_with_what_was_acknowledged(tmp_path: Path) -> None:
    """REL-06: after kill -9 of the postmaster no process of the old server is left."""
    with embedded.postgres(tmp_path / "pg", durable=True) as server:
        remember(server.superuser_url, "MUG")
        killed = server.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)

        server.start()

        assert ask(server.superuser_url, "SELECT word FROM said") == "MUG"
        assert killed not in occupants(tmp_path / "pg" / "data")
    assert occupants(tmp_path / "pg" / "data") == []


@pytest.mark.parametrize("kill_the_server_too", [False, True])
def test_a_killed_parent_leaves_nothing_that_blocks_the_next_start(
    tmp_path: Path, kill_the_server_too: bool
) -> None:
    """REL-06: the server dies with its parent, or is a dead letter that is cleared away."""
    program = (
        "import sys, time; from pathlib import Path; from kernel import embedded\n"
        "with embedded.postgres(Path(sys.argv[1]), durable=True) as server:\n"
        "    print(server.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "pg")], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    server_pid = int(parent.stdout.readline())
    if kill_the_server_too:
        os.kill(server_pid, signal.SIGKILL)
    parent.kill()
    parent.wait()
    parent.stdout.close()

    with embedded.postgres(tmp_path / "pg", durable=True) as server:
        assert ask(server.superuser_url, "SELECT 1") == 1
    wait_for(server_pid)


def test_a_number_in_the_pid_file_that_a_stranger_bears_now_is_no_obstacle(tmp_path: Path) -> None:
    with embedded.postgres(tmp_path / "pg"):
        pass
    # What a container finds after its restart: the old number, now somebody else's.
    (tmp_path / "pg" / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n")

    with embedded.postgres(tmp_path / "pg") as server:
        assert ask(server.superuser_url, "SELECT 1") == 1


def test_half_a_cluster_is_thrown_away(tmp_path: Path) -> None:
    draft = tmp_path / "pg" / "data.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")

    with embedded.postgres(tmp_path / "pg") as server:
        assert ask(server.superuser_url, "SELECT 1") == 1


def test_two_cannot_serve_one_directory(tmp_path: Path) -> None:
    with embedded.postgres(tmp_path / "pg"), pytest.raises(Claimed, match=f"{os.getpid()}"):
        embedded.Postgres(tmp_path / "pg", durable=False).start()


def test_a_path_too_long_for_a_socket_is_served_on_loopback(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)

    with embedded.postgres(deep) as server:
        assert "@127.0.0.1:" in server.superuser_url
        assert ask(server.superuser_url, "SHOW unix_socket_directories") == ""


def test_nobody_comes_in_without_the_password(tmp_path: Path) -> None:
    """SEC-06: the password lies in a file of its owner, and the server asks for it."""
    with embedded.postgres(tmp_path / "pg") as server:
        wrong = server.url("postgres", "guessed", "postgres")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)

        methods = "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules"
        assert ask(server.superuser_url, methods) == "scram-sha-256"
    assert stat.S_IMODE((tmp_path / "pg" / "password").stat().st_mode) == 0o600


@pytest.mark.parametrize(("durable", "synced"), [(True, "on"), (False, "off")])
def test_only_a_throw_away_cluster_saves_itself_the_disk(
    tmp_path: Path, durable: bool, synced: str
) -> None:
    with embedded.postgres(tmp_path / "pg", durable=durable) as server:
        found = [
            ask(server.superuser_url, f"SHOW {name}")
            for name in ("fsync", "full_page_writes", "synchronous_commit")
        ]

    assert found == [synced, synced, synced]


@pytest.mark.parametrize("identity", ["namespace", "nobody"])
@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
def test_root_is_somebody_else_in_there(tmp_path: Path, identity: Identity) -> None:
    server = embedded.Postgres(tmp_path / "pg", durable=False, identity=identity)
    try:
        server.start()

        assert ask(server.superuser_url, "SELECT 1") == 1
    finally:
        server.stop()


def test_a_cluster_of_another_version_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "pg" / "data").mkdir(parents=True)
    (tmp_path / "pg" / "data" / "PG_VERSION").write_text("9\n")

    with pytest.raises(embedded.ServerFailed, match="PostgreSQL 9, which is not among: /"):
        embedded.Postgres(tmp_path / "pg", durable=False).start()


def test_a_named_folder_without_postgresql_is_refused(tmp_path: Path) -> None:
    server = embedded.Postgres(tmp_path / "pg", durable=False, bin_dir=tmp_path)

    with pytest.raises(embedded.ServerFailed, match="POSTGRES_BIN_DIR names"):
        server.start()
