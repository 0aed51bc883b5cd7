"""Signing in, staying signed in, and being shut out."""

from datetime import timedelta
from statistics import median

import pytest
from sqlalchemy import select

from kernel.audit import AuditEntry
from kernel.clock import StoppedClock, monotonic_seconds
from kernel.errors import NotFound, TooMany
from kernel.verification import verify
from tenants import members
from tenants.identity import sessions, signing_in
from tenants.identity.hashing import Cost, Hasher
from tenants.identity.signing_in import Browser, SignInRefused
from tenants.identity.tables import MemberSession, Password
from tests.conftest import ACME, GLOBEX, Cluster
from tests.tenants.conftest import FROM_HOME, MINUTE, OTHER_PASSWORD, PASSWORD, House


def sign_in(house: House, email: str = "ana@acme.example", password: str = PASSWORD) -> str:
    return signing_in.sign_in(house.opens(), house.hasher, email, password, FROM_HOME)


def who(house: House, token: str) -> str | None:
    with house.runtime.unit_of_work(ACME, signing_in.DOORKEEPER, standing="any") as uow:
        actor = sessions.actor_of_session(uow, token)
        return actor.name if actor is not None else None


def test_who_knows_address_and_password_is_let_in(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator")

    token = sign_in(house, " ANA@acme.example ")

    with house.open() as uow:
        actor = sessions.actor_of_session(uow, token)
        entry = uow.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "identity.sign_in")
        ).one()
    assert actor is not None
    assert (actor.id, actor.strength, actor.network) == (ana.id, "password", "public")
    assert actor.permissions == ana.permissions
    assert (entry.actor_id, entry.subject_id, entry.outcome) == (ana.id, ana.id, "done")
    assert len(token) == 43


def test_a_session_is_stored_as_a_hash_alone(house: House) -> None:
    """ID-01: whoever reads the table cannot sign in with it."""
    house.member("ana@acme.example", "administrator")

    token = sign_in(house)

    with house.open() as uow:
        stored = uow.session.scalars(select(MemberSession)).one()
    assert len(stored.token_hash) == 32
    assert token.encode() not in stored.token_hash


def test_a_session_of_one_tenant_means_nothing_to_another(house: House) -> None:
    """TEN-01: the cookie belongs to the tenant that gave it."""
    house.member("ana@acme.example", "administrator")
    token = sign_in(house)

    with house.open(GLOBEX) as uow:
        assert sessions.actor_of_session(uow, token) is None
    with pytest.raises(SignInRefused):
        signing_in.sign_in(
            house.opens(GLOBEX), house.hasher, "ana@acme.example", PASSWORD, FROM_HOME
        )


@pytest.mark.parametrize(
    ("email", "password"),
    [
        pytest.param("ana@acme.example", "wrong", id="a wrong password"),
        pytest.param("nobody@acme.example", PASSWORD, id="an unknown address"),
        pytest.param("ben@acme.example", PASSWORD, id="a member who was deactivated"),
        pytest.param("cleo@acme.example", PASSWORD, id="one who never accepted"),
    ],
)
def test_every_refusal_is_the_same(house: House, email: str, password: str) -> None:
    """ID-10: one answer; and a denied attempt is always written down (AUD-02)."""
    house.member("ana@acme.example", "administrator")
    ben = house.member("ben@acme.example", "buyer")
    house.member("cleo@acme.example", "buyer", password=None)
    with house.open() as uow:
        members.deactivate(uow, ben.id)

    with pytest.raises(SignInRefused) as refused:
        sign_in(house, email, password)

    assert (refused.value.code, refused.value.facts()) == ("identity.sign_in_refused", {})
    with house.open() as uow:
        entry = uow.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "identity.sign_in")
        ).one()
    assert (entry.outcome, entry.actor_id) == ("denied", "system:sign-in")
    assert email not in entry.body


def test_an_unknown_address_costs_the_same_work(house: House) -> None:
    """ID-06: the same number of hashes, and about the same time."""
    house.hasher = Hasher(Cost(memory_kib=32 * 1024, passes=3, lanes=1))
    for number in range(7):
        house.member(f"known{number}@acme.example")

    def refused_seconds(email: str) -> float:
        began, hashes = monotonic_seconds(), house.hasher.hashes
        with pytest.raises(SignInRefused):
            sign_in(house, email, "not the password")
        assert house.hasher.hashes == hashes + 1
        return monotonic_seconds() - began

    known, unknown = [], []
    for number in range(7):
        known.append(refused_seconds(f"known{number}@acme.example"))
        unknown.append(refused_seconds(f"unknown{number}@acme.example"))

    # The hash is nearly all of it; without it a refusal takes a tenth of the time. The bound is
    # wide because other programs share the machine.
    assert 0.5 < median(known) / median(unknown) < 2


def test_a_session_ends_after_half_an_hour_of_rest(house: House, clock: StoppedClock) -> None:
    """ID-03: idle for 30 minutes."""
    house.member("ana@acme.example", "administrator")
    token = sign_in(house)

    clock.pass_time(29 * MINUTE)
    first = who(house, token)
    clock.pass_time(29 * MINUTE)
    second = who(house, token)
    clock.pass_time(31 * MINUTE)

    assert (first, second, who(house, token)) == ("Ana", "Ana", None)


def test_a_session_ends_after_twelve_hours_of_work(house: House, clock: StoppedClock) -> None:
    """ID-03: absolute 12 hours."""
    house.member("ana@acme.example", "administrator")
    token = sign_in(house)

    for _quarter in range(47):
        clock.pass_time(15 * MINUTE)
        assert who(house, token) == "Ana"
    clock.pass_time(15 * MINUTE)

    assert who(house, token) is None


def test_signing_out_ends_the_session_everywhere(house: House) -> None:
    """ID-01: the cookie is worth nothing in any process afterwards."""
    house.member("ana@acme.example", "administrator")
    here, there = sign_in(house), sign_in(house)
    with house.open() as uow:
        actor = sessions.actor_of_session(uow, here)
    assert actor is not None

    with house.open(actor=actor) as uow:
        signing_in.sign_out(uow)

    assert here != there
    assert (who(house, here), who(house, there)) == (None, "Ana")


def test_one_s_own_sessions_are_listed_and_ended(house: House) -> None:
    """ID-03: list and end own sessions; nobody else's."""
    house.member("ana@acme.example", "administrator")
    house.member("ben@acme.example", "buyer")
    tokens = [sign_in(house) for _ in range(3)]
    theirs = sign_in(house, "ben@acme.example")
    with house.open() as uow:
        ana, ben = (sessions.actor_of_session(uow, each) for each in (tokens[0], theirs))
    assert ana is not None
    assert ben is not None
    assert ben.session_id is not None

    with house.open(actor=ana) as uow:
        listed = sessions.sessions_of(uow, ana.id)
        sessions.end_others(uow)
    with pytest.raises(NotFound), house.open(actor=ana) as uow:
        sessions.end(uow, ben.session_id, "none of Ana's business")

    assert [session.device for session in listed] == ["Firefox on Linux"] * 3
    assert [who(house, token) for token in tokens] == ["Ana", None, None]
    with house.open(actor=ana) as uow:
        sessions.end_sessions_of(uow, ben.id)
    assert who(house, theirs) is None


def test_five_wrong_passwords_make_everybody_at_that_address_wait(
    house: House, clock: StoppedClock
) -> None:
    house.member("ana@acme.example", "administrator")
    for _ in range(5):
        with pytest.raises(SignInRefused):
            sign_in(house, password="a guess")

    with pytest.raises(TooMany) as refused:
        sign_in(house)
    clock.pass_time(timedelta(seconds=refused.value.retry_after_seconds))

    assert refused.value.retry_after_seconds == 1
    assert who(house, sign_in(house)) == "Ana"


def test_a_stranger_elsewhere_cannot_lock_somebody_out(house: House) -> None:
    house.member("ana@acme.example", "administrator")
    stranger = Browser("198.51.100.66", "public", "curl")
    for _ in range(6):
        with pytest.raises((SignInRefused, TooMany)):
            signing_in.sign_in(house.opens(), house.hasher, "ana@acme.example", "?", stranger)

    assert who(house, sign_in(house)) == "Ana"


def test_unknown_addresses_wait_like_known_ones(house: House) -> None:
    """ID-10: waiting tells nobody who is known."""
    for _ in range(5):
        with pytest.raises(SignInRefused):
            sign_in(house, "nobody@acme.example")

    with pytest.raises(TooMany):
        sign_in(house, "nobody@acme.example")


def test_a_password_is_hashed_anew_when_the_cost_changes(house: House) -> None:
    """ID-05: rehash at the next sign-in."""
    ana = house.member("ana@acme.example", "administrator")
    house.hasher = Hasher(Cost(memory_kib=128, passes=1, lanes=1))

    sign_in(house)
    sign_in(house)

    with house.open() as uow:
        stored = uow.session.get_one(Password, (ACME, ana.id))
    assert "m=128,t=1,p=1" in stored.hash
    assert house.hasher.hashes == 3


def test_a_suspended_tenant_s_people_may_sign_in_and_look(house: House, database: Cluster) -> None:
    """TEN-13: suspended is read-only, not closed."""
    import psycopg

    house.member("ana@acme.example", "administrator")
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("UPDATE tenant SET status = 'suspended' WHERE id = %s", [ACME])

    assert who(house, sign_in(house)) == "Ana"


def test_nothing_secret_reaches_the_log_and_the_log_agrees_with_the_rows(house: House) -> None:
    """AUD-12: neither password, nor hash, nor token, nor address; AUD-01: every row is covered."""
    ana = house.member("ana@acme.example", "administrator")
    token = sign_in(house)
    signing_in.ask_for_reset(house.opens(), "ana@acme.example", FROM_HOME)
    reset = house.mailed_token()
    with house.open() as uow:
        members.change(uow, ana.id, name="Ana Anders", role_keys=["administrator"], manager_id=None)

    signing_in.choose_password(
        house.opens(), house.hasher, "password_reset", reset, OTHER_PASSWORD, FROM_HOME
    )

    with house.open() as uow:
        bodies = " ".join(uow.session.scalars(select(AuditEntry.body)))
        found = verify(uow, house.runtime.seal)
    for secret in (PASSWORD, OTHER_PASSWORD, token, reset, "argon2", "ana@acme", "Ana Anders"):
        assert secret not in bodies
    assert found.faults == []
