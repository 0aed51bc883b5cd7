"""Values are checked wholly, and every refusal can be said."""

import json

import pytest
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import ValidationError

from api.fields import Amount, Exact, Fields, Text


class CountryFields(Fields):
    """A country by its two letters."""

    country = Text(min=2, max=3, pattern="^[A-Z]{2}$")
    tax = Exact()
    toll = Amount()


@pytest.mark.parametrize("country", ["00", "de", "DE\n"])
def test_a_text_that_does_not_match_is_refused_with_the_pattern(country: str) -> None:
    """API-05: braces in a pattern are said as they are, and no line break slips in at the end."""
    with pytest.raises(ValidationError) as refusal:
        CountryFields().load({"country": country})

    assert refusal.value.messages == {"country": ["Write it as ^[A-Z]{2}$."]}


def test_a_text_that_matches_is_taken() -> None:
    assert CountryFields().load({"country": "DE"}) == {"country": "DE"}


def test_the_document_spells_patterns_as_json_schema_does() -> None:
    """API-01: a text ends at `$` there; Python's own spelling would mean a letter Z."""
    document = APISpec("countries", "1", "3.1.0", plugins=[MarshmallowPlugin()])
    document.components.schema("Country", schema=CountryFields)

    text = json.dumps(document.to_dict())

    assert text.count('$"') >= 4
    assert 'Z"' not in text
