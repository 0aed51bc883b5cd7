"""The list of runs: what it shows of each, and by what it is narrowed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from builder_ui.portal.chart_views import chart_in
from builder_ui.portal.lists import Choice, Choices, Kept, ListKind, ShownRow
from builder_ui.portal.rooms import root
from builder_ui.portal.wording import RUN_STATES, choices, spoken
from builder_ui.shell import cells
from builder_ui.shell.listing import Column, Listing
from builder_ui.shell.words import _
from commerce.keyset import PageWish, Slice, keyset_slice
from kernel.uow import UnitOfWork
from workflow_engine.charts.population import innermost
from workflow_engine.charts.versions import version_called
from workflow_engine.runtime import queries
from workflow_engine.runtime.queries import RunFilter
from workflow_engine.runtime.tables import Run

_OPEN = "open"
_STATES = ((_OPEN, _("Not finished")), *choices(RUN_STATES))


def _filter(uow: UnitOfWork, listing: Listing) -> RunFilter:
    """Return which runs the address asks for.

    `at` is a state of one version's chart; of a version that is not there nothing is listed.
    """
    chosen = listing.filters
    state = chosen.get("state")
    only = RunFilter(
        None if state == _OPEN else state,
        chosen.get("key"),
        listing.q or None,
        chosen.get("needs") == "person",
        chosen.get("definition"),
        is_open=state == _OPEN,
    )
    if "at" not in chosen:
        return only
    version = version_called(uow, chosen.get("definition", ""))
    if version is None:
        return replace(only, standing_in=())
    return replace(only, standing_in=innermost(chart_in(uow, version), chosen["at"]))


def _fetch(uow: UnitOfWork, wish: PageWish, listing: Listing) -> Slice[Run]:
    # Ids sort in the order of creation.
    return keyset_slice(uow, queries.runs_like(_filter(uow, listing)), [Run.id], wish)


def _shown(_uow: UnitOfWork, found: Sequence[Run]) -> list[ShownRow]:
    return [
        ShownRow(
            run.id,
            _("%(key)s of %(subject_id)s", key=spoken(run.key), subject_id=run.subject_id),
            f"{root()}/runs/{run.id}",
            {
                "subject": cells.text(f"{spoken(run.subject_kind)} {run.subject_id}"),
                "workflow": cells.text(spoken(run.key)),
                "started_at": cells.moment(run.started_at),
                "state": cells.badge(RUN_STATES[run.state]),
                "ending": cells.text(run.incident or run.outcome or run.status),
                "id": cells.code(run.id),
            },
        )
        for run in found
    ]


def _keys(uow: UnitOfWork) -> Choices:
    return [(key, spoken(key)) for key in queries.keys_of_runs(uow)]


def _version_words(uow: UnitOfWork, listing: Listing) -> Mapping[str, str]:
    version = version_called(uow, listing.filters.get("definition", ""))
    return (
        {}
        if version is None
        else {
            version.id: _("%(name)s, version %(number)s", name=version.name, number=version.number)
        }
    )


def _state_words(uow: UnitOfWork, listing: Listing) -> Mapping[str, str]:
    version = version_called(uow, listing.filters.get("definition", ""))
    if version is None or "at" not in listing.filters:
        return {}
    return {node.id: node.label for node in chart_in(uow, version).nodes}


RUNS = ListKind(
    path="runs",
    title=_("Runs"),
    one=_("run"),
    many=_("runs"),
    columns=(
        Column("subject", _("About")),
        Column("workflow", _("Workflow"), on_phone=False),
        Column("started_at", _("Started"), sortable=True, on_phone=False),
        Column("state", _("State")),
        Column("ending", _("Outcome or incident")),
        Column("id", _("Run"), on_phone=False, at_first=False),
    ),
    sorts=("-started_at", "started_at"),
    fetch=_fetch,
    place_of=lambda run, _sort: [run.id],
    shown=_shown,
    empty=(
        _("No runs yet"),
        _("They start by themselves when something happens that a workflow waits for."),
        "history",
    ),
    search=_("Search by the id of what it is about"),
    choices=(
        Choice("state", _("State"), lambda _uow: _STATES),
        Choice("key", _("Workflow"), _keys),
        Choice("needs", _("Attention"), lambda _uow: [("person", _("Needs a person"))]),
    ),
    kept=(
        Kept("definition", _("Version"), _version_words),
        Kept("at", _("Standing at"), _state_words),
    ),
)
