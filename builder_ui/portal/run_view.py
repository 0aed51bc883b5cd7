"""One run in words: what it is about, where it stands, what it waits for, and how it came there."""

from collections.abc import Sequence
from dataclasses import dataclass

from builder_ui.portal.chart_views import ChartView, chart_in, chart_of_run
from builder_ui.portal.names import Names
from builder_ui.portal.run_story import Moment, Storyteller
from builder_ui.portal.wording import spoken
from builder_ui.shell.words import _
from commerce.orders import queries as orders
from commerce.orders.policy import READ_ORDERS
from kernel.uow import UnitOfWork
from workflow_engine.charts.paths import path_of
from workflow_engine.runtime import queries
from workflow_engine.runtime.queries import InHand
from workflow_engine.runtime.retrying import MEND_RUNS
from workflow_engine.runtime.tables import DefinitionVersion, Run, RunStep

LINES_PER_PAGE = 200

_STEPS = {
    "abandoned": _("The run has moved on; the call is followed to its end."),
    "doubtful": _("Nobody knows whether it had its effect: it was sent, and no answer came."),
    "parked": _("It failed too often, and waits to be tried again."),
}


@dataclass(frozen=True)
class StepInHand:
    """A step that is open, what it does, and what is wrong with it, if anything is."""

    step: RunStep
    sentence: str
    trouble: str


@dataclass(frozen=True)
class RunView:
    """A run in words. `order_id` is the customer's order it is about, where the viewer may see it.

    `told_to` is the number of the last line told on this page; `has_more` says lines follow.
    `may_retry` and `may_cancel` say what the viewer could do about it now.
    """

    run: Run
    definition: DefinitionVersion
    subject: str
    order_id: str | None
    caused_by: str
    states: tuple[str, ...]
    in_hand: InHand
    steps: Sequence[StepInHand]
    story: list[Moment]
    told_to: int
    has_more: bool
    chart: ChartView
    may_retry: bool
    may_cancel: bool

    @property
    def doubtful(self) -> list[tuple[str, str]]:
        """Return the steps of which somebody must say whether they happened: id and words."""
        return [(each.step.id, each.sentence) for each in self.steps if _is(each, "doubtful")]


def run_view(uow: UnitOfWork, run_id: str, after: int, root: str) -> RunView:
    """Return a run as the actor may see it; NotFound where this tenant has none."""
    run = queries.run(uow, run_id)
    names = Names(uow)
    teller = Storyteller(uow, run.definition_id, names)
    lines = queries.timeline(uow, run_id, after=after, limit=LINES_PER_PAGE)
    in_hand = queries.in_hand(uow, run_id)
    version = queries.definition_of(uow, run)
    chart = chart_in(uow, version)
    told_to = lines[-1].number if lines else after
    steps = [
        StepInHand(step, teller.sentence_of(step.action), _STEPS.get(step.state, ""))
        for step in in_hand.steps
    ]
    mends = uow.actor.may(MEND_RUNS)
    is_broken = run.state == "incident" or any(_is(each, "doubtful", "parked") for each in steps)
    return RunView(
        run,
        version,
        f"{spoken(run.subject_kind)} {run.subject_id}",
        _order_id(uow, run),
        names.of(run.principal_id),
        tuple(map(teller.label, teller.stands_at(run))),
        in_hand,
        steps,
        teller.story(run, lines),
        told_to,
        told_to < run.recorded,
        chart_of_run(uow, version, chart, path_of(uow, teller.compiled, run, chart), root),
        may_retry=mends and is_broken,
        may_cancel=mends and run.state in ("active", "incident"),
    )


def _is(each: StepInHand, *states: str) -> bool:
    return each.step.state in states


def _order_id(uow: UnitOfWork, run: Run) -> str | None:
    if run.subject_kind != "order_line" or not uow.actor.may(READ_ORDERS):
        return None
    found = orders.some_lines(uow, [run.subject_id])
    return found[0].order_id if found else None
