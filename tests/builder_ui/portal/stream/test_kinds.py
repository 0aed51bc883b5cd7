"""Who hears of what: nobody is told what their pages would not show them."""

import pytest

import wareflow  # noqa: F401 - Every room's events are known once all is composed.
from builder_ui.portal.stream.kinds import ids_in, may_hear
from kernel.access import Actor, Permission
from kernel.events import Event
from kernel.ids import ActorId


def somebody(*permissions: str) -> Actor:
    return Actor(ActorId("mem_1"), "member", "Somebody", frozenset(map(Permission, permissions)))


def names_of(kind: type[Event]) -> set[str]:
    is_ours = "name" in kind.__dict__ and not kind.__module__.startswith("tests.")
    own = {kind.name} if is_ours else set()
    return own.union(*(names_of(each) for each in kind.__subclasses__()))


@pytest.mark.parametrize(
    ("name", "permission"),
    [
        ("order.placed", "orders:read"),
        ("stock.received", "inventory:read"),
        ("fulfilment.opened", "inventory:read"),
        ("purchase_order.drafted", "procurement:read"),
        ("supplier.created", "catalog:read"),
        ("supplier.answered", "procurement:read"),
        ("task.opened", "tasks:read"),
        ("run.finished", "workflows:read"),
        ("exception.raised", "exceptions:read"),
        ("member.invited", "members:read"),
        ("import.completed", "catalog:read"),
        ("webhook.disabled", "settings:read"),
    ],
)
def test_a_kind_is_heard_with_its_permission_and_not_without(name: str, permission: str) -> None:
    everything_else = {
        "orders:read", "inventory:read", "procurement:read", "catalog:read", "tasks:read",
        "workflows:read", "exceptions:read", "members:read", "audit:read",
    } - {permission}  # fmt: skip

    assert may_hear(somebody(permission), name)
    assert not may_hear(somebody(*everything_else), name)


def test_what_a_tenant_named_itself_is_for_who_reads_the_stream() -> None:
    assert not may_hear(somebody("orders:read"), "gift_card.sold")
    assert may_hear(somebody("events:read"), "gift_card.sold")


def test_every_event_of_the_product_has_somebody_who_hears_it() -> None:
    """A new event that nobody may hear would be silence without a reason."""
    looking = somebody(
        "orders:read", "inventory:read", "procurement:read", "catalog:read", "tasks:read",
        "workflows:read", "exceptions:read", "members:read", "settings:read",
    )  # fmt: skip
    named = names_of(Event)

    assert len(named) > 60
    assert [each for each in sorted(named) if not may_hear(looking, each)] == []


def test_of_the_contents_only_ids_are_told() -> None:
    contents = {"order_id": "ord_1", "total": {"amount": "9.90"}, "number": 7, "line_id": None}

    assert ids_in(contents) == {"order_id": "ord_1"}
