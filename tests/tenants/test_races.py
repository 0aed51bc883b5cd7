"""What two people do at the same moment, with real transactions."""

from collections.abc import Callable
from threading import Barrier, Thread

from kernel.access import Actor
from kernel.errors import TooMany
from tenants import access, members
from tenants.errors import LastAdministrator, ReportsInACircle
from tenants.identity import signing_in
from tenants.identity.signing_in import SignInRefused
from tests.tenants.conftest import FROM_HOME, House


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """Do everything at the same moment; return how each ended, in the order of the deeds."""
    start, ends = Barrier(len(deeds)), ["unfinished"] * len(deeds)

    def run(place: int, deed: Callable[[], object]) -> None:
        start.wait(timeout=20)
        try:
            deed()
            ends[place] = "done"
        except Exception as error:
            ends[place] = type(error).__name__

    threads = [Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return ends


def test_of_two_administrators_who_shut_each_other_out_one_remains(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator")
    ben = house.member("ben@acme.example", "administrator")

    def shut_out(actor: Actor, other_id: str) -> None:
        with house.open(actor=actor) as uow:
            members.deactivate(uow, other_id)

    ends = at_once(lambda: shut_out(ana, ben.id), lambda: shut_out(ben, ana.id))

    assert sorted(ends) == [LastAdministrator.__name__, "done"]


def test_two_changes_at_once_close_no_circle(house: House) -> None:
    ana = house.member("ana@acme.example", "administrator")
    ben = house.member("ben@acme.example", "administrator")

    def report(member_id: str, manager_id: str) -> None:
        with house.open() as uow:
            members.change(
                uow, member_id, name="X", role_keys=["administrator"], manager_id=manager_id
            )

    ends = at_once(lambda: report(ana.id, ben.id), lambda: report(ben.id, ana.id))

    # Either the second sees the first, or the two wait for each other and one is told to retry.
    assert ends.count("done") == 1
    assert set(ends) <= {"done", ReportsInACircle.__name__, "OperationalError"}


def test_guesses_at_once_are_all_counted(house: House) -> None:
    """A hundred parallel guesses must not all slip through before the first is refused."""
    house.member("ana@acme.example", "administrator")

    def guess() -> None:
        signing_in.sign_in(house.opens(), house.hasher, "ana@acme.example", "guess", FROM_HOME)

    ends = at_once(*[guess] * 9)

    assert ends.count(SignInRefused.__name__) == 5
    assert ends.count(TooMany.__name__) == 4


def test_one_address_is_invited_once(house: House) -> None:
    house.member("ana@acme.example", "administrator")

    def invite() -> None:
        with house.open() as uow:
            members.invite(uow, "ben@acme.example", "Ben", ["buyer"])

    ends = at_once(*[invite] * 4)

    assert ends.count("done") == 1
    with house.open() as uow:
        assert [count for role, count in access.roles(uow) if role.key == "buyer"] == [1]
