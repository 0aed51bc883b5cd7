"""Writes to whoever may mend an endpoint that was switched off."""

from sqlalchemy import select

from kernel.tenancy import Tenant
from kernel.uow import UnitOfWork
from tenants.access import rights_of
from tenants.tables import Member
from tenants.webhooks.endpoints import MAY_ADMINISTER
from tenants.webhooks.tables import WebhookEndpoint

WRITTEN_TO_MAX = 20


def tell_administrators(uow: UnitOfWork, endpoint: WebhookEndpoint) -> None:
    """Mail the active members who may write settings; the caller's entry covers it."""
    post = uow.ports.messages
    if post is None:
        return
    tenant = uow.session.get_one(Tenant, uow.tenant_id)
    active = select(Member).where(Member.status == "active").order_by(Member.id)
    able = [
        each for each in uow.session.scalars(active) if MAY_ADMINISTER in rights_of(uow, each.id)[1]
    ]
    for member in able[:WRITTEN_TO_MAX]:
        facts = {
            "slug": tenant.slug,
            "tenant": tenant.name,
            "name": member.name,
            "url": endpoint.url,
            "endpoint": endpoint.id,
        }
        post.send(uow, to=member.email, template="webhook_disabled", facts=facts)
