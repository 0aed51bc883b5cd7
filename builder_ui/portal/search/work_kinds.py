"""What can be found of work: tasks, runs, workflows, exceptions, and the people who do it."""

from collections.abc import Sequence

from builder_ui.portal.rooms import root
from builder_ui.portal.search.kinds import Hit, Kind, got
from builder_ui.portal.search.trade_kinds import READ_ORDERS, READ_PURCHASES
from builder_ui.portal.task_views import subject_of
from builder_ui.portal.wording import DEFINITION_STATES, EXCEPTION_STATES, RUN_STATES, spoken
from builder_ui.shell.page import Tone
from builder_ui.shell.words import _
from commerce.closeness import Closeness, Match, closest
from commerce.orders.finding import exactly_ordered
from commerce.orders.queries import lines_of
from commerce.procurement.finding import find_purchase_orders
from kernel.access import Permission
from kernel.exceptions import ExceptionCase
from kernel.uow import UnitOfWork
from tenants.member_queries import MemberQuery, MemberView, find_members, member_view
from tenants.tables import Member
from workflow_engine.charts.versions import newest_versions
from workflow_engine.runtime.finding import (
    SubjectOf,
    runs_about,
    tasks_about_some,
    tasks_with_words,
)
from workflow_engine.runtime.tables import DefinitionVersion, Run
from workflow_engine.runtime.task_tables import Task

SUBJECTS_MAX = 5
_MEMBER_STATES: dict[str, tuple[str, Tone]] = {
    "invited": (_("Invited"), "warn"),
    "active": (_("Active"), "ok"),
    "deactivated": (_("Deactivated"), "neutral"),
}
_TASK_STATES: dict[str, tuple[str, Tone]] = {
    "open": (_("Open"), "warn"),
    "parked": (_("Stopped with its run"), "bad"),
    "done": (_("Done"), "ok"),
    "cancelled": (_("No longer needed"), "neutral"),
}


def _subjects(uow: UnitOfWork, text: str) -> list[SubjectOf]:
    """Return what work may be about, of what a text names exactly and the actor may see."""
    subjects: list[SubjectOf] = []
    if uow.actor.may(READ_ORDERS):
        for order in exactly_ordered(uow, text, SUBJECTS_MAX):
            subjects.append(("order", order.id))
            subjects += [("order_line", line.id) for line in lines_of(uow, order.id)]
    if uow.actor.may(READ_PURCHASES):
        for match in find_purchase_orders(uow, text, SUBJECTS_MAX):
            if match.closeness is Closeness.EXACT:
                subjects.append(("purchase_order", match.row.id))
    return subjects


def _find_tasks(uow: UnitOfWork, text: str, limit: int) -> list[Match[Task]]:
    about = _subjects(uow, text)
    return closest(
        limit,
        [
            (Closeness.BEGINS, lambda most: tasks_about_some(uow, about, most)),
            (Closeness.WORDS, lambda most: tasks_with_words(uow, text.split(), most)),
        ],
    )


def _tasks(uow: UnitOfWork, rows: Sequence[Task]) -> list[Hit]:
    return [
        Hit(
            row.id,
            row.title,
            f"{root()}/tasks/{row.id}",
            subject_of(uow, row),
            _TASK_STATES[row.state],
        )
        for row in rows
    ]


def _find_runs(uow: UnitOfWork, text: str, limit: int) -> list[Match[Run]]:
    about = _subjects(uow, text)
    return closest(limit, [(Closeness.WORDS, lambda most: runs_about(uow, about, most))])


def _runs(_uow: UnitOfWork, rows: Sequence[Run]) -> list[Hit]:
    return [
        Hit(
            row.id,
            spoken(row.key.replace("-", " ")),
            f"{root()}/runs/{row.id}",
            spoken(row.status or row.subject_kind),
            RUN_STATES[row.state],
        )
        for row in rows
    ]


def _find_workflows(uow: UnitOfWork, text: str, limit: int) -> list[Match[DefinitionVersion]]:
    wanted = newest_versions(text).order_by(DefinitionVersion.key).limit(limit)

    def closeness(version: DefinitionVersion) -> Closeness:
        spelled, asked = {version.key.lower(), version.name.lower()}, text.lower()
        if asked in spelled:
            return Closeness.EXACT
        begins = any(each.startswith(asked) for each in spelled)
        return Closeness.BEGINS if begins else Closeness.WORDS

    found = [Match(version, closeness(version)) for version in uow.session.scalars(wanted)]
    return sorted(found, key=lambda match: match.closeness)


def _workflows(_uow: UnitOfWork, rows: Sequence[DefinitionVersion]) -> list[Hit]:
    return [
        Hit(
            row.id,
            row.name,
            f"{root()}/workflows/{row.key}",
            _("%(key)s · version %(number)s", key=row.key, number=row.number),
            DEFINITION_STATES[row.state],
        )
        for row in rows
    ]


def _find_members(uow: UnitOfWork, text: str, limit: int) -> list[Match[MemberView]]:
    found, _more = find_members(uow, MemberQuery(text), limit=limit)
    asked = text.casefold()

    def closeness(member: MemberView) -> Closeness:
        spelled = (member.email.casefold(), member.name.casefold())
        if asked in spelled:
            return Closeness.EXACT
        begins = any(each.startswith(asked) for each in spelled)
        return Closeness.BEGINS if begins else Closeness.WORDS

    matches = [Match(member, closeness(member)) for member in found]
    return sorted(matches, key=lambda match: match.closeness)


def _members_by_ids(uow: UnitOfWork, ids: Sequence[str]) -> list[MemberView]:
    return [member_view(uow, row.id) for row in got(uow, Member, ids)]


def _members(_uow: UnitOfWork, rows: Sequence[MemberView]) -> list[Hit]:
    return [
        Hit(
            row.id,
            row.name,
            f"{root()}/members/{row.id}",
            row.email,
            _MEMBER_STATES[row.status],
        )
        for row in rows
    ]


def _exceptions(_uow: UnitOfWork, rows: Sequence[ExceptionCase]) -> list[Hit]:
    return [
        Hit(
            row.id,
            spoken(row.kind),
            f"{root()}/exceptions/{row.id}",
            row.cause[:120],
            EXCEPTION_STATES[row.state],
        )
        for row in rows
    ]


WORK_KINDS = (
    Kind(
        "task", _("Task"), _("Tasks"), "tasks", Permission("tasks:read"), "tsk_",
        _find_tasks, lambda uow, ids: got(uow, Task, ids), _tasks,
    ),
    Kind(
        "workflow", _("Workflow"), _("Workflows"), "flow", Permission("workflows:read"), "def_",
        _find_workflows, lambda uow, ids: got(uow, DefinitionVersion, ids), _workflows,
    ),
    Kind(
        "run", _("Run"), _("Runs"), "history", Permission("workflows:read"), "run_",
        _find_runs, lambda uow, ids: got(uow, Run, ids), _runs,
    ),
    Kind(
        "member", _("Member"), _("Members"), "people", Permission("members:read"), "mem_",
        _find_members, _members_by_ids, _members,
    ),
    Kind(
        "exception", _("Exception"), _("Exceptions"), "warn", Permission("exceptions:read"), "exc_",
        lambda _uow, _text, _limit: (), lambda uow, ids: got(uow, ExceptionCase, ids),
        _exceptions,
    ),
)  # fmt: skip
