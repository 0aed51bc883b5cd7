"""An embedded installation makes its own roles and finds a port; an operator's are left alone."""

import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kernel import embedded
from kernel.config import Config
from kernel.embedded.child import ServerFailed
from kernel.supervision import create_embedded_roles, running_databases, settle_web_port


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of a program that is not ours."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_the_roles_of_an_embedded_database_can_sign_in_and_own_nothing_more(tmp_path: Path) -> None:
    config = Config.from_env({"WAREFLOW_VAR": str(tmp_path)})

    with running_databases(config):
        create_embedded_roles(config)
        create_embedded_roles(config)

        with psycopg.connect(config.database_url) as connection:
            rights = "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = user"
            assert connection.execute(rights).fetchone() == ("wareflow_app", False, False)


def test_databases_that_run_already_are_used_and_left_running(tmp_path: Path) -> None:
    config = Config.from_env({"WAREFLOW_VAR": str(tmp_path)})
    with embedded.postgres(tmp_path / "postgres") as server:
        with running_databases(config):
            pass

        psycopg.connect(server.superuser_url).close()


def test_databases_that_were_started_for_a_command_end_with_it(tmp_path: Path) -> None:
    config = Config.from_env({"WAREFLOW_VAR": str(tmp_path)})

    with running_databases(config):
        pass

    with embedded.postgres(tmp_path / "postgres"):
        pass


def test_another_port_is_kept_when_a_stranger_has_ours(
    tmp_path: Path, stranger: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WAREFLOW_PORT", raising=False)
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "port").write_text(f"{stranger}\n")
    config = Config.from_env({"WAREFLOW_VAR": str(tmp_path)})
    assert config.port == stranger

    settle_web_port(config)

    settled = Config.from_env({"WAREFLOW_VAR": str(tmp_path)})
    assert settled.port != stranger
    assert settled.public_url == f"http://127.0.0.1:{settled.port}"
    settle_web_port(settled)
    assert Config.from_env({"WAREFLOW_VAR": str(tmp_path)}) == settled


def test_a_port_that_an_operator_chose_is_never_changed(
    tmp_path: Path, stranger: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREFLOW_PORT", str(stranger))
    config = Config.from_env({"WAREFLOW_VAR": str(tmp_path), "WAREFLOW_PORT": str(stranger)})

    with pytest.raises(ServerFailed, match=f"Port {stranger} on 127.0.0.1 is taken"):
        settle_web_port(config)
