"""The secret key can be rotated: what the former key sealed stays proven."""

from dataclasses import replace

from kernel.audit import Subject
from kernel.ports import Ports
from kernel.runtime import Runtime
from kernel.verification import verify
from tests.conftest import ACME
from tests.kernel.test_uow import ANA, a_setting

NEW_KEY = "the-new-key-that-is-also-long-enough"


def faults_with(runtime: Runtime, *keys: str) -> int:
    rotated = Runtime(replace(runtime.config, secret_keys=keys), ports=Ports(), clock=runtime.clock)
    try:
        with rotated.unit_of_work(ACME, ANA, work_class="batch") as uow:
            return len(verify(uow, rotated.seal).faults)
    finally:
        rotated.close()


def test_the_former_key_still_proves_the_audit_log_and_its_rows(runtime: Runtime) -> None:
    """SEC-06: a key in SECRET_KEY_FALLBACKS verifies, one that is forgotten does not."""
    with runtime.unit_of_work(ACME, ANA) as uow:
        a_setting(uow)
        uow.record("settings.write", Subject("setting", "north"))
    (former,) = runtime.config.secret_keys

    assert faults_with(runtime, NEW_KEY, former) == 0
    assert faults_with(runtime, NEW_KEY) > 0
