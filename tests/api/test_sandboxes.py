"""A sandbox is there to try: nobody outside hears of it, and its keys open nothing that is live."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from kernel.access import operator_actor
from kernel.audit import Subject
from kernel.config import Config, Smtp
from kernel.ids import TenantId
from kernel.jobs import Job
from kernel.runtime import Runtime
from tenants.messages.post import PostOffice
from tenants.messages.tables import Message
from tests.api.conftest import ApiClient, ask_token, register
from tests.conftest import ACME, MONDAY, found_tenant

OPERATOR = operator_actor("tests")
SANDBOX = TenantId("ten_acmetest")
MAIL = Smtp("127.0.0.1", 9, None, None, False, "wareflow@shop.example")
DELAY = {
    "tenant": "Acme Mugs",
    "slug": "acmetest",
    "name": "Carla",
    "number": "A-1",
    "quantity": "2",
    "sku": "MUG-BLUE",
    "expected": "We expect it on Friday.",
}
INVITATION = {"tenant": "Acme Mugs", "slug": "acmetest", "name": "Ben", "inviter": "Ana"}


@pytest.fixture
def sandbox(runtime: Runtime) -> TenantId:
    """ACME's twin, where time is moved by hand."""
    found_tenant(runtime, SANDBOX, "Acme Mugs, to try", starts_at=MONDAY)
    return SANDBOX


@pytest.mark.parametrize(
    ("tenant_id", "template", "state"),
    [
        (SANDBOX, "backorder_update", "kept"),
        (ACME, "backorder_update", "waiting"),
        # People who work in a sandbox must get in.
        (SANDBOX, "invitation", "waiting"),
    ],
)
def test_a_sandbox_writes_to_its_own_people_only(
    runtime: Runtime,
    config: Config,
    sandbox: TenantId,
    tenant_id: TenantId,
    template: str,
    state: str,
) -> None:
    """API-20: a customer of a sandbox gets no mail, though a mail server is there."""
    post = PostOffice(replace(config, smtp=MAIL))
    facts = DELAY if template == "backorder_update" else INVITATION | {"token": "t"}

    with runtime.unit_of_work(tenant_id, OPERATOR) as uow:
        post.send(uow, to="carla@example.com", template=template, facts=facts)
        states = [row.state for row in uow.session.scalars(select(Message))]
        queued = len(uow.session.scalars(select(Job)).all())
        uow.record("tests.send", Subject("tenant", tenant_id))

    assert (states, queued) == ([state], int(state == "waiting"))


def test_a_key_of_a_sandbox_says_so_and_opens_nothing_live(
    app: Flask, runtime: Runtime, sandbox: TenantId, sign_in: Callable[..., ApiClient]
) -> None:
    """API-20: `test_` and `live_`; neither key nor token goes over to the other side."""
    tried, live = register(runtime, SANDBOX, "events:read"), sign_in("acme", "events:read")

    assert (tried.secret[:5], live.secret.secret[:5]) == ("test_", "live_")
    assert ask_token(app, "acmetest", tried).status_code == 200
    assert ask_token(app, "acme", tried).status_code == 401
    assert ask_token(app, "acmetest", live.secret).status_code == 401
