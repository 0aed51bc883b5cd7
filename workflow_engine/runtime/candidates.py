"""Who may answer a task: named as roles and members when it is asked, and more as it escalates."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from kernel.uow import UnitOfWork
from workflow_engine.approvals import Approval, People, Person, resolve
from workflow_engine.runtime.standing_in import lendings, lent
from workflow_engine.runtime.task_tables import Task, TaskCandidate


def people(uow: UnitOfWork, answering: Task | None = None) -> People:
    """Return the tenant's active members as approvals judge them.

    With a task that somebody is to answer, also who stands in for whom before it: nothing else
    asks for that. A delegation to or from somebody who is not active leads nowhere.
    """
    directory = uow.ports.directory
    assert directory is not None, "the front door fills the directory port"
    found = People(
        {
            member.id: Person(member.id, member.roles, member.manager_id)
            for member in directory.members(uow)
        },
        now=uow.now,
    )
    return found if answering is None else lent(found, lendings(uow), answering.id)


def ask(
    uow: UnitOfWork, task: Task, rules: Sequence[Mapping[str, Any]], approval: Approval | None
) -> None:
    """Ask the people that rules name, instead of those who were asked before."""
    forget(uow, task)
    by_role = {("role", str(rule["role"])) for rule in rules if "role" in rule}
    others = [rule for rule in rules if "role" not in rule]
    named = resolve(others, people(uow), approval, frozenset()) if others else frozenset()
    _name(uow, task, by_role | {("member", member) for member in named})


def ask_more(
    uow: UnitOfWork,
    task: Task,
    rule: Mapping[str, Any],
    approval: Approval | None,
    named: frozenset[str] | None,
) -> None:
    """Ask the people of one more rule as well; `named` are those whose managers it may mean.

    None: those who are asked by the task's rows.
    """
    asked = _asked(uow, task)
    if "role" in rule:
        found = {("role", str(rule["role"]))}
    else:
        who = people(uow)
        if named is None:
            by_role = (who.with_role(name) for kind, name in asked if kind == "role")
            members = {name for kind, name in asked if kind == "member"}
            named = frozenset(members.union(*by_role))
        found = {("member", each) for each in resolve([rule], who, approval, named)}
    _name(uow, task, found - asked)


def forget(uow: UnitOfWork, task: Task) -> None:
    """Ask nobody any more."""
    for row in uow.session.scalars(select(TaskCandidate).where(TaskCandidate.task_id == task.id)):
        uow.session.delete(row)
    uow.session.flush()


def _asked(uow: UnitOfWork, task: Task) -> set[tuple[str, str]]:
    rows = uow.session.scalars(select(TaskCandidate).where(TaskCandidate.task_id == task.id))
    return {(row.kind, row.name) for row in rows}


def _name(uow: UnitOfWork, task: Task, found: set[tuple[str, str]]) -> None:
    for kind, name in sorted(found):
        uow.session.add(
            TaskCandidate(tenant_id=uow.tenant_id, task_id=task.id, kind=kind, name=name)
        )
