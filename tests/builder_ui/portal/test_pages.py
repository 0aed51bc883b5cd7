"""What the pages of the portal do for those who may, and refuse to those who may not."""

import re
from collections.abc import Callable

import pytest

from kernel.audit import Subject
from tenants import access
from tenants.member_queries import member_view
from tenants.organisation import tree
from tenants.provisioning import suspend
from tenants.tables import Member
from tests.builder_ui.portal.conftest import Walker, words
from tests.conftest import ACME
from tests.tenants.conftest import OPERATOR, OTHER_PASSWORD, PASSWORD, House

Come = Callable[..., Walker]


@pytest.fixture
def ana(house: House, walker: Come) -> Walker:
    """The administrator of ACME, signed in."""
    house.member("ana@acme.example", "administrator")
    return walker("ana@acme.example")


def test_a_member_is_invited_changed_and_shut_out(house: House, ana: Walker) -> None:
    refused = ana.send("members", name="", email="ben", roles=["buyer"], manager="x@y.example")
    invited = ana.send(
        "members",
        name="Ben Bauer",
        email="ben@acme.example",
        roles=["buyer", "planner"],
        manager="ana@acme.example",
    )
    ben = invited.location.split("?")[0]
    page = ana.open(ben)
    version = re.search(r'name="version" value="(\d+)"', page.text)
    assert version is not None
    changed = ana.send(ben, name="Ben B.", roles=["buyer"], manager="", version=version[1])
    stale = ana.send(ben, name="Benjamin", roles=["buyer"], manager="", version=version[1])
    gone = ana.send(f"{ben}/deactivation")

    assert refused.status_code == 422
    assert 'value="ben"' in refused.text
    assert "Ben Bauer" in words(page)
    assert "The invitation is on its way." in words(ana.open(invited.location))
    assert (changed.status_code, stale.status_code, gone.status_code) == (303, 412, 303)
    assert "Deactivated" in words(ana.open(ben))


def test_a_member_who_is_known_already_is_told_of(house: House, ana: Walker) -> None:
    answer = ana.send("members", name="Ana", email="ANA@acme.example", roles=[], manager="")

    assert answer.status_code == 409
    assert "is already a member" in words(answer)


def test_suggestions_find_people_by_a_part_of_their_name(house: House, ana: Walker) -> None:
    house.member("ben@acme.example", "buyer")

    answer = ana.open("members/suggestions?q=BE")

    assert answer.json == [
        {"value": "ben@acme.example", "label": "Ben", "hint": "ben@acme.example buyer"}
    ]


def test_the_thousandth_member_is_a_page_away(house: House, ana: Walker) -> None:
    with house.open() as uow:
        for number in range(120):
            uow.session.add(_quick_member(uow.tenant_id, number, uow.now))
        uow.record("tests.fill", Subject("member", "many"))

    seen, address = 0, "members?sort=-created_at"
    for _page in range(4):
        page = ana.open(address)
        seen += page.text.count("data-row-link")
        following = re.search(r'id="page-next" href="([^"]+)"', page.text)
        if following is None:
            break
        address = following[1].replace("&amp;", "&")

    assert seen == 121


def _quick_member(tenant_id: str, number: int, now: object) -> Member:
    email = f"p{number:03}@acme.example"
    return Member(
        tenant_id=tenant_id, id=f"mem_{number:03}", email=email, email_folded=email,
        name=f"Person {number}", name_folded=f"person {number}", status="invited",
        theme="system", density="standard", single_keys=True, created_at=now,
    )  # fmt: skip


def test_a_role_is_made_filled_and_deleted(house: House, ana: Walker) -> None:
    made = ana.send("roles", key="night_shift", name="Night shift", description="",
                    permissions=["inventory:read"])  # fmt: skip
    role = made.location.split("?")[0]
    changed = ana.send(role, name="Night", description="At night.", permissions=["orders:read"])
    wrong = ana.send("roles", key="Night Shift!", name="", description="", permissions=[])

    with house.open() as uow:
        row = next(row for row, _count in access.roles(uow) if row.key == "night_shift")
    assert (changed.status_code, wrong.status_code) == (303, 422)
    assert (row.name, row.permissions) == ("Night", ["orders:read"])
    assert ana.send(f"{role}/deletion").location == "/t/acme/roles?told=deleted"
    assert ana.open(role).status_code == 404


def test_units_are_added_moved_and_found_in_the_tree(house: House, ana: Walker) -> None:
    empty = ana.open("organisation")
    company = ana.send("organisation", kind="company", code="acme", name="Acme Group", parent="")
    parent = company.location.split("/")[-1].split("?")[0]
    shop = ana.send("organisation", kind="node", code="berlin", name="Berlin", parent=parent)
    wrong = ana.send("organisation", kind="brand", code="b", name="B", parent="")
    moved = ana.send(f"{shop.location.split('?')[0]}/moves", parent=parent, on="2026-04-01")

    assert "No organisation yet" in words(empty)
    assert (wrong.status_code, moved.status_code) == (422, 303)
    assert "Acme Group › Berlin" in words(ana.open(shop.location))
    assert "Berlin" in words(ana.open("organisation"))


def test_a_setting_is_set_locked_and_inherited_again(house: House, ana: Walker) -> None:
    with house.open() as uow:
        company = tree.add_unit(uow, "company", "acme", "Acme").id
    key = "settings/display.locale"

    locked = ana.send(f"{key}?scope={ACME}", value="de", locked="yes", version="")
    below = ana.open(f"{key}?scope={company}")
    refused = ana.send(f"{key}?scope={company}", value="fr", version="")
    german = ana.open("members")
    reset = ana.send(f"{key}/reset?scope={ACME}")

    assert (locked.status_code, refused.status_code, reset.status_code) == (303, 409, 303)
    assert "Whole account has locked this setting" in words(below)
    assert " März 2026" in german.text
    assert '<html lang="en"' in ana.open("members").text


def test_the_trail_tells_of_an_object_before_and_after(house: House, ana: Walker) -> None:
    with house.open() as uow:
        role = next(row for row, _count in access.roles(uow) if row.key == "planner")
    ana.send(f"roles/{role.id}", name="Planer", description="", permissions=["audit:read"])

    trail = ana.open(f"audit?subject=role/{role.id}")
    entry = re.search(r'href="(/t/acme/audit/aud_\w+)"', trail.text)
    assert entry is not None
    page = words(ana.open(entry[1]))

    assert "roles.change" in words(trail)
    assert "Planner" in page
    assert "Planer" in page
    assert "No entries match" in words(ana.open("audit?actor=mem_nobody"))


def test_preferences_are_kept_by_the_server(house: House, ana: Walker) -> None:
    ana.send("me/preferences", density="compact")
    ana.send("me/theme", theme="dark")

    page = ana.open("me")

    assert 'data-theme="dark"' in page.text
    assert 'data-density="compact"' in page.text
    assert 'data-shortcuts="off"' in page.text
    assert ana.send("me/theme", theme="pink").status_code == 422


def test_a_member_chooses_language_and_region(house: House, ana: Walker) -> None:
    kept = ana.send("me/preferences", density="standard", locale="en_CH")
    swiss = ana.open("me")
    unknown = ana.send("me/preferences", density="standard", locale="en_XA")
    ana.send("me/preferences", density="standard", locale="")

    assert (kept.status_code, unknown.status_code) == (303, 422)
    assert '<html lang="en-CH" dir="ltr"' in swiss.text
    assert '<option value="en_CH" selected>English (Switzerland)</option>' in swiss.text
    assert "Choose one of the languages." in words(unknown)
    assert '<html lang="en" dir="ltr"' in ana.open("me").text


def test_one_s_password_is_changed_and_other_sessions_end(
    house: House, ana: Walker, walker: Come
) -> None:
    elsewhere = walker("ana@acme.example")

    wrong = ana.send("me/password", old="wrong", password=OTHER_PASSWORD, again=OTHER_PASSWORD)
    done = ana.send("me/password", old=PASSWORD, password=OTHER_PASSWORD, again=OTHER_PASSWORD)

    assert (wrong.status_code, done.status_code) == (401, 303)
    assert ana.open("me").status_code == 200
    assert elsewhere.open("me").status_code == 303


def test_sessions_are_listed_and_ended(house: House, ana: Walker, walker: Come) -> None:
    """ID-03: one's own."""
    elsewhere = walker("ana@acme.example")
    page = ana.open("me")

    [path] = re.findall(r'action="([^"]+/end)"', page.text)
    ended = ana.send(path)

    assert "Firefox on Linux" in words(page)
    assert (ended.status_code, elsewhere.open("me").status_code) == (303, 303)
    assert ana.open("me").status_code == 200


def test_an_administrator_ends_somebody_s_sessions(house: House, ana: Walker, walker: Come) -> None:
    """ID-03: an administrator ends a member's."""
    ben_actor = house.member("ben@acme.example", "buyer")
    ben = walker("ben@acme.example")

    ana.send(f"members/{ben_actor.id}/sessions-end")

    assert ben.open("me").status_code == 303


def test_a_changed_role_holds_from_the_next_click_on(
    house: House, ana: Walker, walker: Come
) -> None:
    """ID-01: in every process, because rights are read with each request."""
    actor = house.member("ben@acme.example", "auditor")
    ben = walker("ben@acme.example")
    before = ben.open("audit").status_code
    with house.open() as uow:
        version = member_view(uow, actor.id).version
    ana.send(f"members/{actor.id}", name="Ben", roles=["buyer"], manager="", version=str(version))

    refused = ben.open("audit")

    assert (before, refused.status_code) == (200, 403)
    assert "audit:read" in words(refused)
    assert "Audit trail" not in words(ben.open("members"))


def test_people_of_a_suspended_tenant_look_and_change_nothing(
    house: House, ana: Walker, walker: Come
) -> None:
    """TEN-13: suspended."""
    with house.opens()(OPERATOR) as uow:
        suspend(uow, "unpaid")

    again = walker("ana@acme.example")
    refused = ana.send("members", name="Ben", email="ben@acme.example", roles=[], manager="")

    assert "This account is suspended" in words(ana.open("members"))
    assert (again.open("audit").status_code, refused.status_code) == (200, 409)
    assert "nothing can be changed" in words(refused)
    assert ana.send("sign-out").status_code == 303


def test_planted_markup_is_only_text(house: House, ana: Walker) -> None:
    planted = "<svg onload=alert(1)>"
    ana.send("members", name=planted, email="eve@acme.example", roles=[], manager="")
    ana.send("organisation", kind="company", code="x", name=planted, parent="")

    for path in ("members", "organisation", f"members?q={planted}", "audit"):
        assert planted not in ana.open(path).text


def test_a_form_with_what_no_column_holds_is_refused(house: House, ana: Walker) -> None:
    assert ana.send("members", name="a\0b", email="ben@acme.example").status_code == 400
    assert ana.open("members?q=%00").status_code == 400
