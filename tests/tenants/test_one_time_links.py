"""Invitations and password resets: mailed, good for a while, and for one use."""

from threading import Barrier, Thread

import pytest

from kernel.clock import StoppedClock
from kernel.errors import Invalid
from tenants import members
from tenants.identity import signing_in
from tenants.identity.links import LinkNoLongerGood, Purpose
from tenants.identity.signing_in import SignInRefused
from tests.conftest import GLOBEX
from tests.tenants.conftest import (
    FROM_HOME,
    MINUTE,
    OTHER_PASSWORD,
    PASSWORD,
    House,
)
from tests.tenants.test_signing_in import sign_in, who


def redeem(house: House, purpose: Purpose, token: str, password: str = OTHER_PASSWORD) -> str:
    return signing_in.choose_password(
        house.opens(), house.hasher, purpose, token, password, FROM_HOME
    )


def ask(house: House, email: str = "ana@acme.example") -> None:
    signing_in.ask_for_reset(house.opens(), email, FROM_HOME)


def test_who_accepts_an_invitation_is_in(house: House) -> None:
    house.member("ana@acme.example", "administrator", password=None)

    session = redeem(house, "invitation", house.mailed_token())

    assert who(house, session) == "Ana"
    assert who(house, sign_in(house, password=OTHER_PASSWORD)) == "Ana"


def test_an_invitation_works_once(house: House) -> None:
    """ID-10: one use."""
    house.member("ana@acme.example", "administrator", password=None)
    token = house.mailed_token()
    redeem(house, "invitation", token)

    with pytest.raises(LinkNoLongerGood):
        redeem(house, "invitation", token, PASSWORD)


def test_a_newer_invitation_replaces_the_older(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator", password=None)
    older = house.mailed_token()
    with house.open() as uow:
        members.invite_again(uow, ana.id)

    with pytest.raises(LinkNoLongerGood):
        redeem(house, "invitation", older)


def test_a_link_of_one_tenant_is_no_link_of_another(house: House) -> None:
    house.member("ana@acme.example", "administrator", password=None)
    token = house.mailed_token()

    with pytest.raises(LinkNoLongerGood):
        signing_in.choose_password(
            house.opens(GLOBEX), house.hasher, "invitation", token, PASSWORD, FROM_HOME
        )


def test_a_reset_changes_the_password_and_ends_every_session(house: House) -> None:
    """ID-10: kills sessions, and the person is told of it by mail."""
    house.member("ana@acme.example", "administrator")
    before = sign_in(house)
    ask(house)

    session = redeem(house, "password_reset", house.mailed_token())

    assert (who(house, before), who(house, session)) == (None, "Ana")
    assert house.mail()[0].subject == "Your password for Acme Mugs was changed"
    with pytest.raises(SignInRefused):
        sign_in(house)
    assert who(house, sign_in(house, password=OTHER_PASSWORD)) == "Ana"


def test_a_reset_link_is_good_for_thirty_minutes(house: House, clock: StoppedClock) -> None:
    """ID-10: 30 minutes."""
    house.member("ana@acme.example", "administrator")
    ask(house)
    token = house.mailed_token()
    clock.pass_time(30 * MINUTE)

    with pytest.raises(LinkNoLongerGood):
        redeem(house, "password_reset", token)


def test_asking_for_an_unknown_address_says_nothing_and_mails_nobody(house: House) -> None:
    """ID-10: one answer."""
    ask(house, "nobody@acme.example")

    assert house.mail() == []


def test_a_password_that_breaks_the_rules_leaves_the_link_good(house: House) -> None:
    house.member("ana@acme.example", "administrator")
    ask(house)
    token = house.mailed_token()

    with pytest.raises(Invalid):
        redeem(house, "password_reset", token, "password1234")

    assert who(house, redeem(house, "password_reset", token)) == "Ana"


def test_a_reset_link_accepts_no_invitation(house: House) -> None:
    house.member("ana@acme.example", "administrator")
    ask(house)

    with pytest.raises(LinkNoLongerGood):
        redeem(house, "invitation", house.mailed_token())


def test_a_deactivated_member_s_links_are_worth_nothing(house: House) -> None:
    house.member("ana@acme.example", "administrator")
    ben = house.member("ben@acme.example", "buyer")
    ask(house, "ben@acme.example")
    token = house.mailed_token()
    with house.open() as uow:
        members.deactivate(uow, ben.id)

    with pytest.raises(LinkNoLongerGood):
        redeem(house, "password_reset", token)


@pytest.mark.parametrize("purpose", ["invitation", "password_reset"])
def test_of_two_who_redeem_a_link_at_once_one_succeeds(house: House, purpose: Purpose) -> None:
    """ID-10: two real transactions, one effect."""
    house.member(
        "ana@acme.example",
        "administrator",
        password=PASSWORD if purpose == "password_reset" else None,
    )
    if purpose == "password_reset":
        ask(house)
    token, start = house.mailed_token(), Barrier(8)
    outcomes: list[str] = []

    def race(password: str) -> None:
        start.wait(timeout=20)
        try:
            redeem(house, purpose, token, password)
            outcomes.append(password)
        except LinkNoLongerGood:
            outcomes.append("too late")
        except Exception as error:
            outcomes.append(type(error).__name__)

    racers = [Thread(target=race, args=(f"{number} {OTHER_PASSWORD}",)) for number in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(timeout=30)

    assert outcomes.count("too late") == 7
    [winner] = [outcome for outcome in outcomes if outcome != "too late"]
    assert who(house, sign_in(house, password=winner)) == "Ana"


def test_changing_one_s_own_password_needs_the_old_one(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator")
    before = sign_in(house)

    with pytest.raises(SignInRefused):
        signing_in.change_password(
            house.opens(), house.hasher, ana, "not it", OTHER_PASSWORD, FROM_HOME
        )
    session = signing_in.change_password(
        house.opens(), house.hasher, ana, PASSWORD, OTHER_PASSWORD, FROM_HOME
    )

    assert (who(house, before), who(house, session)) == (None, "Ana")
    assert who(house, sign_in(house, password=OTHER_PASSWORD)) == "Ana"
