"""The operator's commands about tenants answer in lines, and refuse in sentences."""

import argparse

from kernel.errors import NotFound
from tenants import commands
from tests.tenants.conftest import House


def run(house: House, *words: str) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    commands.add_commands(
        parser.add_subparsers(), lambda each, command: each.set_defaults(command=command)
    )
    chosen = parser.parse_args(words)
    return commands.answer(house.runtime, chosen.command, chosen)


def test_a_tenant_is_provisioned_suspended_and_resumed_by_command(house: House) -> None:
    made = run(house, "tenant", "provision", "initech", "Initech", "ida@initech.example", "Ida")
    suspended = run(house, "tenant", "suspend", "initech", "--reason", "unpaid")
    listed = run(house, "tenant", "list")
    resumed = run(house, "tenant", "resume", "initech", "--reason", "paid")

    assert [code for code, _told in (made, suspended, listed, resumed)] == [0, 0, 0, 0]
    assert "/t/initech/" in made[1]
    assert [line.split()[:2] for line in listed[1].splitlines()] == [
        ["acme", "active"], ["globex", "active"], ["initech", "suspended"],
    ]  # fmt: skip


def test_kept_mail_is_read_by_command(house: House) -> None:
    house.member("ana@acme.example", "administrator", password=None)

    code, told = run(house, "mail", "list", "--tenant", "acme")

    assert code == 0
    assert "To ana@acme.example" in told
    assert f"/t/acme/invite/{house.mailed_token()}" in told
    assert run(house, "mail", "list", "--tenant", "globex") == (
        0,
        "No message was written for this tenant.",
    )


def test_a_refusal_is_an_answer(house: House) -> None:
    wrong = run(house, "tenant", "provision", "A!", "", "ida", "Ida", "--currency", "euro")
    unknown = run(house, "tenant", "suspend", "nobody", "--reason", "unpaid")

    assert (wrong[0], unknown[0]) == (2, 2)
    assert "A slug has 3 to 40" in wrong[1]
    assert "A currency is three capitals" in wrong[1]
    assert NotFound.code in unknown[1]
