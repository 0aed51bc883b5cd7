"""Web processes as an operator runs them, on the test database, for tests of their streams."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from kernel.access import operator_actor
from kernel.audit import Subject
from kernel.config import Config
from kernel.embedded.kept import free_port
from kernel.runtime import Runtime
from tenants import access, members
from tenants.identity import sessions
from tests.builder_ui.portal.stream.listening import Listener
from tests.conftest import ACME, Cluster, found_tenant
from wareflow import compose

ROOT = Path(__file__).resolve().parents[4]
OPERATOR = operator_actor("tests")


@dataclass
class Served:
    """Web processes under gunicorn, and the database behind them."""

    runtime: Runtime
    address: str
    child: "subprocess.Popen[bytes]"
    log: Path

    def listener(self, number: int) -> Listener:
        """Return a new member, signed in."""
        with self.runtime.unit_of_work(ACME, OPERATOR) as uow:
            member = members.invite(uow, f"m{number}@acme.example", f"M{number}", ["buyer_lead"])
            member.status = "active"
            token = sessions.start(
                uow, member, strength="password", device="Firefox", network="loopback"
            )
            uow.record("tests.let_in", Subject("member", member.id))
        return Listener(self.address, cookie=f"sid={token}")

    def sell(self, number: int) -> None:
        """Let an order be placed, as far as a stream sees."""
        with self.runtime.unit_of_work(ACME, OPERATOR) as uow:
            uow.emit_named("order.placed", {"order_id": f"ord_{number}"})
            uow.record("mug.sell", Subject("mug", str(number)))

    def workers(self) -> list[int]:
        """Return the processes that answer requests."""
        children = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children").read_text()
        return [int(each) for each in children.split()]

    def wait_until_ready(self) -> None:
        """Return once pages are answered."""
        ends_at = time.monotonic() + 60
        while True:
            with suppress(OSError), urllib.request.urlopen(f"{self.address}/livez", timeout=5):
                return
            assert self.child.poll() is None, self.log.read_text()
            assert time.monotonic() < ends_at, self.log.read_text()
            time.sleep(0.1)


@pytest.fixture
def served(database: Cluster, config: Config, tmp_path: Path) -> Iterator[Served]:
    port = free_port()
    environment = {
        **os.environ,
        "WAREFLOW_VAR": str(config.var_dir),
        "WAREFLOW_PORT": str(port),
        "DATABASE_URL": database.app_url,
        "DATABASE_OWNER_URL": database.owner_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "a-key-for-tests-that-is-long-enough-by-far",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
    }
    runtime = compose(Config.from_env(environment))
    found_tenant(runtime, ACME, "Acme Mugs")
    with runtime.unit_of_work(ACME, OPERATOR) as uow:
        access.add_standard_roles(uow)
    log = tmp_path / "web.log"
    with log.open("wb") as output:
        command = [sys.executable, "-P", "-m", "wareflow", "web"]
        child = subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=ROOT)
        made = Served(runtime, f"http://127.0.0.1:{port}", child, log)
        try:
            made.wait_until_ready()
            yield made
        finally:
            child.terminate()
            try:
                child.wait(timeout=20)
            finally:
                child.kill()
                child.wait()
                runtime.close()
