"""What pages show of tasks: a row of the list, and one task with all that a decision needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from builder_ui.portal.delegation_views import (
    CastVote,
    DelegationShown,
    cast_vote,
    handings_about,
    handings_in,
)
from builder_ui.portal.names import Names
from builder_ui.portal.purchase_facts import PurchaseFacts, facts_of
from builder_ui.portal.purchase_purposes import purposes_of
from builder_ui.portal.rules_in_words import in_words
from builder_ui.portal.run_story import Moment, Storyteller
from builder_ui.portal.wording import spoken
from builder_ui.shell.words import _, _n, said
from commerce.procurement import queries as procurement
from commerce.procurement.policy import READ_PURCHASES
from commerce.procurement.tables import PurchaseOrder
from kernel.money import Money
from kernel.uow import UnitOfWork
from workflow_engine.runtime import queries
from workflow_engine.runtime.foresight import Foreseen, foresee
from workflow_engine.runtime.tables import Run
from workflow_engine.runtime.task_tables import Task, TaskCandidate
from workflow_engine.runtime.voting import objection

PURCHASE = "purchase_order"


@dataclass(frozen=True)
class TaskRow:
    """A waiting task: what it is about, the state that asks whom, since when, and for how much.

    `about` says of a purchase from whom and for which orders, as far as the viewer may know.
    `digest` names the subject's content as the row tells it: who decides many decides about that.
    """

    id: str
    subject: str
    about: str
    why: str
    asked: str
    opened_at: datetime
    due_at: datetime | None
    value: Money | None
    requester: str | None
    digest: str | None
    answering_for: str = ""
    handed_to: str = ""


@dataclass(frozen=True)
class TaskView:
    """A task, its subject as it is now, its votes, and how its run came to ask.

    `digest` names the subject's content as shown here. `objection` says why the viewer cannot
    decide it, or is None. `purchase` is None for other subjects and for who may not see purchases.
    """

    task: Task
    subject: str
    state: str
    rules: tuple[str, ...]
    """The rules that applied; `because` says in plain words those that can be said so."""
    because: tuple[str, ...]
    requester: str | None
    votes: Sequence[CastVote]
    purchase: PurchaseFacts | None
    digest: str | None
    objection: str | None
    story: Sequence[Moment]
    follows: Mapping[str, Sequence[str]]
    """By answer, what happens next, in sentences; empty where the viewer cannot answer."""
    answering_for: str = ""
    """For whom the viewer would answer, where that is somebody else."""
    handings: Sequence[DelegationShown] = ()

    @property
    def has_changed(self) -> bool:
        """Tell whether the subject says something else than when the approval was opened."""
        return self.task.state == "open" and self.digest != self.task.digest


def rows_of(uow: UnitOfWork, tasks: Sequence[Task]) -> list[TaskRow]:
    """Return the rows of a list of tasks, in their order."""
    names, tellers = Names(uow), _Tellers(uow)
    purchases, asked = _purchases(uow, tasks), queries.asked_for(uow, tasks)
    purposes = purposes_of(uow, list(purchases.values()))
    lent = handings_in(uow, tasks)
    rows = []
    for task in tasks:
        purchase = purchases.get(task.subject_id) if task.subject_kind == PURCHASE else None
        rows.append(
            TaskRow(
                task.id,
                _subject(task, purchase),
                purposes.get(purchase.id, "") if purchase is not None else "",
                tellers.of(task.run_id).asked_in(task.invoke_id),
                ", ".join(_called(each, names) for each in asked[task.id]),
                task.opened_at,
                task.due_at,
                purchase.total if purchase is not None else None,
                names.maybe(task.requester_id),
                purchase.digest if purchase is not None else task.digest,
                lent.answering_for.get(task.id, ""),
                lent.handed_to.get(task.id, ""),
            )
        )
    return rows


def view_of(uow: UnitOfWork, task_id: str) -> TaskView:
    """Return a task as the actor may see it; NotFound where this tenant has none."""
    names = Names(uow)
    task = queries.task(uow, task_id)
    run = queries.run(uow, task.run_id)
    teller = Storyteller(uow, run.definition_id, names)
    history = queries.timeline(uow, run.id)
    sees = task.subject_kind == PURCHASE and uow.actor.may(READ_PURCHASES)
    purchase = facts_of(uow, task.subject_id, names) if sees else None
    is_open_approval = task.state == "open" and task.kind == "approval"
    follows = _follows(uow, teller, run, task) if is_open_approval else {}
    return TaskView(
        task,
        _subject(task, purchase.order if purchase is not None else None),
        teller.asked_in(task.invoke_id),
        teller.why_asked(history, task),
        tuple(filter(None, map(in_words, teller.guards_asked(history, task)))),
        names.maybe(task.requester_id),
        votes_on(uow, task, names),
        purchase,
        purchase.order.digest if purchase is not None else task.digest,
        said(objection(uow, task) or "") or None if is_open_approval else None,
        sorted(
            [*teller.story(run, history), *_comments(uow, task, names)], key=lambda each: each.at
        ),
        follows,
        handings_in(uow, [task]).answering_for.get(task.id, ""),
        handings_about(uow, task) if is_open_approval else (),
    )


def votes_on(uow: UnitOfWork, task: Task, names: Names) -> list[CastVote]:
    """Return the votes on a task, with those that wait to count or fell with the task."""
    counted = [cast_vote(each, names) for each in queries.votes(uow, task.id)]
    is_open = task.state in ("open", "parked")
    return counted + [
        replace(
            cast_vote(each, names),
            counts_at=each.counts_at if is_open else None,
            fell=not is_open,
        )
        for each in queries.waiting_votes(uow, task.id)
    ]


def _comments(uow: UnitOfWork, task: Task, names: Names) -> list[Moment]:
    return [
        Moment(each.written_at, "comment", _("Comment"), names.of(each.author_id), why=each.words)
        for each in queries.comments(uow, task.id)
    ]


def subject_of(uow: UnitOfWork, task: Task) -> str:
    """Return what a task is about, as the actor may know it."""
    return _subject(task, _purchases(uow, [task]).get(task.subject_id))


def _follows(
    uow: UnitOfWork, teller: Storyteller, run: Run, task: Task
) -> Mapping[str, Sequence[str]]:
    foreseen = foresee(uow, teller.compiled, run, task)
    if foreseen is None:
        return {}
    return {answer: _sentences(teller, each) for answer, each in foreseen.items()}


def _sentences(teller: Storyteller, foreseen: Foreseen) -> list[str]:
    if foreseen.missing:
        return [
            _n(
                "Nothing yet: %(missing)s more approval is needed.",
                "Nothing yet: %(missing)s more approvals are needed.",
                foreseen.missing,
                missing=foreseen.missing,
            )
        ]
    states = ", ".join(map(teller.label, foreseen.states))
    told = [
        _("The workflow ends in “%(states)s”.", states=states)
        if foreseen.ends
        else _("Goes on to “%(states)s”.", states=states)
    ]
    told += [f"{teller.sentence_of(action).rstrip('.')}." for action in foreseen.actions]
    told += [
        _("Then: %(step)s.", step=_lower(teller.sentence_of(action))) for action in foreseen.then
    ]
    if foreseen.comes_to is not None:
        told.append(
            _("Comes to “%(label)s” if every step succeeds.", label=teller.label(foreseen.comes_to))
        )
    return told


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def _called(candidate: TaskCandidate, names: Names) -> str:
    return spoken(candidate.name) if candidate.kind == "role" else names.of(candidate.name)


class _Tellers:
    """The storyteller of each definition, by run."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._names = Names(uow)
        self._known: dict[str, Storyteller] = {}

    def of(self, run_id: str) -> Storyteller:
        definition_id = queries.run(self._uow, run_id).definition_id
        if definition_id not in self._known:
            self._known[definition_id] = Storyteller(self._uow, definition_id, self._names)
        return self._known[definition_id]


def _purchases(uow: UnitOfWork, tasks: Sequence[Task]) -> dict[str, PurchaseOrder]:
    if not uow.actor.may(READ_PURCHASES):
        return {}
    wanted = [task.subject_id for task in tasks if task.subject_kind == PURCHASE]
    return {order.id: order for order in procurement.some_purchase_orders(uow, wanted)}


def _subject(task: Task, purchase: PurchaseOrder | None) -> str:
    if purchase is not None:
        return _("Purchase order %(number)s", number=purchase.number)
    return f"{spoken(task.subject_kind)} {task.subject_id}"
