"""Who acts may do what the roles give, and says so."""

import pytest

from kernel.access import Actor, Permission, operator_actor, system_actor
from kernel.errors import Forbidden, PermissionMissing
from kernel.ids import ActorId

READ, WRITE = Permission("orders:read"), Permission("orders:write")
ANA = Actor(ActorId("mem_ana"), "member", "Ana", frozenset({READ}))


def test_a_member_may_do_what_was_given_and_no_more() -> None:
    assert (ANA.may(READ), ANA.may(WRITE)) == (True, False)
    ANA.must(READ)
    with pytest.raises(PermissionMissing) as refusal:
        ANA.must(WRITE)

    assert isinstance(refusal.value, Forbidden)
    assert refusal.value.facts() == {"permission": "orders:write"}


def test_a_permission_is_not_a_pattern() -> None:
    greedy = Actor(ActorId("mem_bob"), "member", "Bob", frozenset({Permission("orders:*")}))

    assert not greedy.may(WRITE)
    assert not greedy.may(Permission("orders"))


def test_a_client_has_no_more_than_it_was_given() -> None:
    client = Actor(ActorId("cli_1"), "client", "Till", frozenset({WRITE}))

    assert (client.may(WRITE), client.may(READ)) == (True, False)


@pytest.mark.parametrize("actor", [system_actor("relay"), operator_actor("ops")])
def test_the_system_and_the_operator_may_do_everything(actor: Actor) -> None:
    actor.must(WRITE)

    assert actor.id in ("system:relay", "operator:ops")


def test_acting_for_somebody_is_noted_and_gives_nothing() -> None:
    for_bob = ANA.acting_for(ActorId("mem_bob"))

    assert (for_bob.id, for_bob.on_behalf_of) == ("mem_ana", "mem_bob")
    assert for_bob.permissions == ANA.permissions
    assert ANA.on_behalf_of is None
