"""A refused form comes back with its words and with each fault at its field."""

from builder_ui.shell.form_state import FormState
from kernel.errors import Fault


def test_faults_find_their_fields_however_deep() -> None:
    form = FormState.returned(
        {"email": "ana at acme"},
        {
            "email": ["Enter an e-mail address."],
            "lines": {0: {"sku": ["No SKU has this code.", "It is too long."]}},
            "_schema": ["Somebody with this address is a member already."],
        },
    )

    assert form.summary == (
        ("email", "Enter an e-mail address."),
        ("lines.0.sku", "No SKU has this code."),
        ("lines.0.sku", "It is too long."),
        ("", "Somebody with this address is a member already."),
    )
    assert form.value("email") == "ana at acme"
    assert form.fault("lines.0.sku") == "No SKU has this code."
    assert form.fault("name") is None
    assert form.is_returned


def test_a_new_form_is_empty_and_faultless() -> None:
    form = FormState()

    assert (form.value("email"), form.summary, form.is_returned) == ("", (), False)


def test_a_choice_is_taken_by_value_by_list_and_by_truth() -> None:
    form = FormState({"role": "buyer", "days": ["mon", "wed"], "active": True, "note": None})

    taken = {
        name: form.is_chosen(name, choice)
        for name, choice in [("role", "buyer"), ("days", "wed"), ("active", "yes"), ("note", "x")]
    }

    assert taken == {"role": True, "days": True, "active": True, "note": False}
    assert not form.is_chosen("days", "fri")


def test_what_a_verb_refuses_stands_at_the_field_it_points_to() -> None:
    faults = [
        Fault("/email", "member.exists", "Somebody with this address is a member already."),
        Fault("/lines/0/sku", "catalog.unknown_sku", "No SKU has this code."),
    ]

    form = FormState.refused({"email": "ana@acme.example"}, faults)

    assert form.faults == {
        "email": ("Somebody with this address is a member already.",),
        "lines.0.sku": ("No SKU has this code.",),
    }
