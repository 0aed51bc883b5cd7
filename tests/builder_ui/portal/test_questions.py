"""Questions of runs are answered beside the list, by who is asked, each fault at its field."""

from collections.abc import Callable

import pytest

from builder_ui.portal.questions import answer_of
from tests.builder_ui.portal.asking import a_questioner
from tests.builder_ui.portal.conftest import Walker, words
from tests.builder_ui.portal.trading import Trade
from tests.conftest import GLOBEX
from tests.tenants.conftest import House
from workflow_engine.definition.fields import Field

Come = Callable[..., Walker]
FIELDS = (
    Field("sure", "bool"),
    Field("days", "int"),
    Field("price", "money", currency="EUR"),
    Field("share", "decimal"),
    Field("parts", "list"),
    Field("note", "string"),
)


@pytest.fixture
def trade(house: House) -> Trade:
    return a_questioner(house.runtime)


@pytest.fixture
def carl(house: House, walker: Come) -> Walker:
    house.member("carl@acme.example", "customer_service")
    return walker("carl@acme.example")


def test_a_question_is_answered_and_the_run_goes_on(trade: Trade, carl: Walker) -> None:
    trade.order("A-1")
    (task,) = trade.tasks()

    asked = words(carl.open(f"tasks/{task.id}"))
    done = carl.send(
        f"tasks/{task.id}/answer",
        **{"answer.choice": "wait", "answer.days": "3", "answer.note": " Carla waits. "},
    )

    for told in ("What shall happen? Wait Try again", "For how many days?", "Note (optional)"):
        assert told in asked
    assert done.headers["Location"].endswith("&told=answered-last")
    (answered,) = trade.tasks("done")
    assert (answered.outcome, answered.answer) == (
        "answered",
        {"choice": "wait", "days": 3, "told": False, "note": "Carla waits."},
    )
    assert "Nothing is asked of you here." in words(carl.open(f"tasks/{task.id}"))


def test_faults_come_back_beside_their_fields_with_the_words(trade: Trade, carl: Walker) -> None:
    trade.order("A-1")
    (task,) = trade.tasks()

    refused = carl.send(
        f"tasks/{task.id}/answer", **{"answer.days": "many", "answer.note": "Carla waits."}
    )

    assert refused.status_code == 422
    assert "'What shall happen?' must be filled in." in words(refused)
    assert 'id="f-answer.days-fault"' in refused.text
    assert 'value="many"' in refused.text
    assert "Carla waits." in refused.text
    assert [each.id for each in trade.tasks()] == [task.id]


def test_who_is_not_asked_sees_no_form_and_is_refused(
    trade: Trade, house: House, walker: Come
) -> None:
    trade.order("A-1")
    (task,) = trade.tasks()
    house.member("lea@acme.example", "buyer_lead")
    lea = walker("lea@acme.example")

    page = words(lea.open(f"tasks/{task.id}"))
    refused = lea.send(f"tasks/{task.id}/answer", **{"answer.choice": "wait"})

    assert "You cannot answer this one: it is put to others." in page
    assert refused.status_code == 403
    assert [each.id for each in trade.tasks()] == [task.id]


def test_another_tenant_finds_no_question(trade: Trade, house: House, walker: Come) -> None:
    """TEN-05."""
    trade.order("A-1")
    (task,) = trade.tasks()
    house.member("gus@globex.example", "administrator", tenant_id=GLOBEX)
    gus = walker("gus@globex.example", "globex")

    assert gus.send(f"tasks/{task.id}/answer", **{"answer.choice": "wait"}).status_code == 404


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        pytest.param({}, {"sure": False}, id="nothing but what was not ticked"),
        pytest.param(
            {"answer.sure": "yes", "answer.days": "-7", "answer.price": "12.34 usd"},
            {"sure": True, "days": -7, "price": {"amount": "12.34", "currency": "USD"}},
            id="whole numbers and money",
        ),
        pytest.param(
            {"answer.price": "12.30", "answer.share": "0.10", "answer.parts": "[0.1, 2]"},
            {
                "sure": False,
                "price": {"amount": "12.30", "currency": "EUR"},
                "share": "0.10",
                "parts": ["0.1", 2],
            },
            id="decimals as they were written",
        ),
        pytest.param(
            {"answer.days": "1e9", "answer.parts": "[", "note": "mine"},
            {"sure": False, "days": "1e9", "parts": "["},
            id="what cannot be read is left to be refused",
        ),
    ],
)
def test_a_form_is_read_by_the_types_of_its_fields(
    form: dict[str, str], answer: dict[str, object]
) -> None:
    assert answer_of(FIELDS, form) == answer
