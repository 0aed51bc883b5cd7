"""JSON keeps decimals exact and keys in order, in responses and in templates."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, jsonify, render_template_string, request

from web.json_provider import install_json


@pytest.fixture
def app() -> Flask:
    app = Flask("json", static_folder=None)
    install_json(app)
    return app


@dataclass(frozen=True)
class Line:
    sku: str
    price: Decimal


def test_a_decimal_arrives_exactly(app: Flask) -> None:
    with app.test_request_context(
        json=None, data='{"price": 0.1}', content_type="application/json"
    ):
        body: Any = request.get_json()

    assert body == {"price": Decimal("0.1")}


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_does_not_have_is_refused(app: Flask, word: str) -> None:
    with pytest.raises(ValueError, match="is not JSON"):
        app.json.loads(f'{{"price": {word}}}')


def test_values_leave_as_text_people_can_read_back(app: Flask) -> None:
    with app.app_context():
        response = jsonify(
            line=Line("MUG", Decimal("12.90")),
            at=datetime(2026, 3, 2, 9, tzinfo=UTC),
            on=date(2026, 3, 2),
        )

    assert response.get_data(as_text=True).strip() == (
        '{"line": {"sku": "MUG", "price": "12.90"}, '
        '"at": "2026-03-02T09:00:00+00:00", "on": "2026-03-02"}'
    )


def test_keys_keep_their_order_in_responses_and_in_templates(app: Flask) -> None:
    states = {"placed": 1, "allocated": 2, "closed": 3}

    with app.app_context():
        answered = jsonify(states).get_data(as_text=True).strip()
        written = render_template_string("{{ states|tojson }}", states=states)

    assert answered == written == '{"placed": 1, "allocated": 2, "closed": 3}'


def test_words_in_a_page_cannot_leave_their_script(app: Flask) -> None:
    with app.app_context():
        written = render_template_string("{{ word|tojson }}", word="</script><svg onload=x>")

    assert "<" not in written
