"""What workflows can tell customers: a mail in the tenant's name about a line of an order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from marshmallow import Schema, fields, validate

from commerce.commands import once
from commerce.ids import OrderLineId
from commerce.orders.policy import WRITE_ORDERS
from commerce.orders.queries import one_line, one_order
from commerce.orders.tables import Customer
from kernel.actions import Action, Facts
from kernel.audit import Subject
from kernel.errors import Conflict
from kernel.ids import ID_LENGTH_MAX
from kernel.tenancy import Tenant
from kernel.uow import UnitOfWork
from tenants.messages.post import PostOffice
from tenants.messages.templates import FOR_CUSTOMERS

NO_DATE = "We do not know the day yet."


@dataclass(eq=False)
class NoAddress(Conflict):
    """The customer's channel gave no mail address: send it with the customer's next order."""

    code: ClassVar[str] = "messages.no_address"

    customer_id: str


class Telling(Schema):
    """Which message, about which line, and the day on which its units are expected, if known."""

    template = fields.String(required=True, validate=validate.OneOf(FOR_CUSTOMERS))
    order_line_id = fields.String(required=True, validate=validate.Length(1, ID_LENGTH_MAX))
    eta = fields.AwareDateTime(load_default=None, allow_none=True)


class Told(Schema):
    """The message."""

    message_id = fields.String(required=True)


def _send(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    uow.actor.must(WRITE_ORDERS)
    request = {name: input[name] for name in ("template", "order_line_id", "eta")}
    return once(uow, step_id, "messages.send", request, lambda: _tell(uow, **request))


def _tell(
    uow: UnitOfWork, template: str, order_line_id: str, eta: datetime | None
) -> Mapping[str, Any]:
    line = one_line(uow, OrderLineId(order_line_id))
    order = one_order(uow, line.order_id)
    customer = uow.session.get_one(Customer, (uow.tenant_id, order.customer_id))
    if customer.email is None:
        raise NoAddress(customer.id)
    tenant = uow.session.get_one(Tenant, uow.tenant_id)
    facts = {
        "tenant": tenant.name,
        "name": customer.name,
        "number": order.external_id,
        "sku": line.sku_code,
        "quantity": line.quantity,
        "expected": _in_words(eta, tenant.time_zone),
    }
    post = uow.ports.messages
    assert isinstance(post, PostOffice), "the front door fills the port of messages"
    message_id = post.send(
        uow, to=customer.email, template=template, facts=facts, order_id=order.id
    )
    uow.record("messages.send", Subject("order_line", line.id), facts={"template": template})
    return {"message_id": message_id}


def _in_words(eta: datetime | None, time_zone: str) -> str:
    """Say the day where the merchant is; no hour, because nobody keeps one."""
    if eta is None:
        return NO_DATE
    return f"We expect it on {eta.astimezone(ZoneInfo(time_zone)).date().isoformat()}."


ACTIONS = (
    Action(
        "messages.send",
        "Write to the customer of an order line",
        WRITE_ORDERS,
        "local",
        Telling,
        Told,
        _send,
    ),
)
