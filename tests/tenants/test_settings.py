"""Settings by scope: the nearest wins unless a broader one is locked."""

import pytest

from kernel.errors import Invalid, NotFound, PermissionMissing
from kernel.settings import SettingLocked
from kernel.verification import verify
from tenants import settings
from tenants.organisation import tree
from tests.conftest import ACME, GLOBEX
from tests.tenants.conftest import House

LOCALE = "display.locale"


def at(house: House, scope_id: str) -> settings.SettingView:
    with house.open() as uow:
        views = settings.settings_at(uow, scope_id)
    return next(view for view in views if view.declaration.key == LOCALE)


def change(house: House, scope_id: str, value: object, *, locked: bool = False) -> None:
    with house.open() as uow:
        settings.change_setting(uow, scope_id, LOCALE, value, locked=locked)


@pytest.fixture
def shop(house: House) -> str:
    """A node under a company."""
    with house.open() as uow:
        company = tree.add_unit(uow, "company", "acme", "Acme")
        return tree.add_unit(uow, "node", "berlin", "Berlin", parent_id=company.id).id


def test_each_value_says_where_it_comes_from(house: House, shop: str) -> None:
    default = at(house, shop)
    change(house, ACME, "de")
    inherited = at(house, shop)
    change(house, shop, "de_CH")
    own = at(house, shop)

    assert (default.value, default.origin, default.is_own) == ("en", "Default", False)
    assert (inherited.value, inherited.origin, inherited.is_own) == ("de", "Whole account", False)
    assert (own.value, own.origin, own.is_own) == ("de_CH", "Berlin", True)


def test_a_locked_value_holds_for_everything_below(house: House, shop: str) -> None:
    change(house, shop, "de_CH")
    change(house, ACME, "fr", locked=True)

    view = at(house, shop)

    assert (view.value, view.lock_origin, view.is_own) == ("fr", "Whole account", True)
    with pytest.raises(SettingLocked):
        change(house, shop, "it")


def test_what_is_forgotten_is_inherited_again(house: House, shop: str) -> None:
    change(house, ACME, "de")
    change(house, shop, "de_CH")

    with house.open() as uow:
        settings.reset_setting(uow, shop, LOCALE)

    assert at(house, shop).value == "de"


def test_wrong_values_wrong_scopes_and_wrong_people_are_refused(house: House, shop: str) -> None:
    ben = house.member("ben@acme.example", "buyer")

    for wrong in (7, "klingon", "", "de_XX_YY"):
        with pytest.raises(Invalid):
            change(house, ACME, wrong)
    with pytest.raises(NotFound):
        change(house, "org_nowhere", "de")
    with pytest.raises(PermissionMissing), house.open(actor=ben) as uow:
        settings.settings_at(uow, ACME)
    with pytest.raises(NotFound), house.open(GLOBEX) as uow:
        settings.settings_at(uow, shop)


def test_a_value_set_again_after_it_was_forgotten_agrees_with_the_log(house: House) -> None:
    """AUD-01: the same row comes, goes and comes again, and the log follows it."""
    change(house, ACME, "de")
    with house.open() as uow:
        settings.reset_setting(uow, ACME, LOCALE)
    change(house, ACME, "fr")

    with house.open() as uow:
        assert verify(uow, house.runtime.seal).faults == []
