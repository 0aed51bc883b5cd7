"""The page of one thing: facts, tables, what happened to it, and where its trail and runs are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from builder_ui.portal.framing import page_for
from builder_ui.portal.rooms import root
from builder_ui.shell.cells import Cell
from builder_ui.shell.listing import Column
from builder_ui.shell.page import Crumb, Notice, Tone
from builder_ui.shell.rendering import render_page
from builder_ui.shell.words import _, said
from kernel.access import Permission
from kernel.errors import Refusal
from kernel.uow import UnitOfWork
from web.problems import problem_of
from web.request import current_actor
from workflow_engine.runtime import queries as runs

READ_RUNS = Permission("workflows:read")


@dataclass(frozen=True)
class Happened:
    """A line of a thing's story."""

    at: datetime
    what: str
    who: str | None = None
    tone: Tone = "neutral"


@dataclass(frozen=True)
class Rows:
    """A table on the page; the first column heads its row. `nothing` is said where it is empty."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Cell]]
    nothing: str


@dataclass(frozen=True)
class Record:
    """A thing with all that its page shows. `subject` is how the audit trail calls it."""

    title: str
    subject: tuple[str, str]
    status: tuple[str, Tone]
    facts: Sequence[tuple[str, Cell]]
    tables: Sequence[Rows]
    story: Sequence[Happened]
    links: Sequence[tuple[str, str]] = ()


def record_page(
    record: Record,
    crumb: Crumb,
    *,
    told: Mapping[str, str] | None = None,
    refusal: Refusal | None = None,
    template: str = "portal/record.html",
    **more: Any,
) -> tuple[str, int]:
    """Render a thing's page, and the status to answer with where something was refused."""
    page, status = page_for(record.title, crumb, told=told), 200
    if refusal is not None:
        problem = problem_of(refusal)
        faults = " ".join(said(fault.detail) for fault in problem.faults)
        page = replace(page, notices=(*page.notices, Notice(faults or said(refusal.title), "bad")))
        status = problem.status
    kind, identity = record.subject
    body = render_page(
        template,
        page,
        record=record,
        story=sorted(record.story, key=lambda each: each.at),
        audit_href=f"{root()}/audit?subject={kind}/{identity}",
        may_audit=current_actor().may(Permission("audit:read")),
        root=root(),
        **more,
    )
    return body, status


def links_to_runs(uow: UnitOfWork, *subjects: tuple[str, str]) -> list[tuple[str, str]]:
    """Return links to the runs about some subjects, where the viewer may see runs."""
    if not uow.actor.may(READ_RUNS):
        return []
    found = [run for kind, each in subjects for run in runs.runs_of(uow, kind, [each])]
    some = found[-3:]
    return [
        (_("Run %(replace)s", replace=run.key.replace("-", " ")), f"{root()}/runs/{run.id}")
        for run in some
    ]
