"""One value of a list changed in place: saved where nobody was faster, else both values are told.

Who wrote meanwhile what somebody else's screen still shows is overwritten by nobody unasked: the
answer then says who wrote what, and a second request names the version that it means.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from builder_ui.portal.framing import current_visit
from builder_ui.portal.refused import messages_of
from builder_ui.shell.cells import Cell
from builder_ui.shell.words import _
from kernel.errors import Conflict, Invalid, NotFound, PreconditionMissing, StaleWrite
from kernel.uow import UnitOfWork
from tenants.audit_trail import last_change_of
from web.problems import problem_of
from web.request import current_unit_of_work

WORDS_MAX = 4000


@dataclass(frozen=True)
class CellEditing:
    """What of a list can be changed in place, and by which verb.

    `columns` are those that can be. `read` returns a row by its id; `save` writes one value, as it
    was typed, into the row of a version, and returns the row.
    """

    permission: str
    subject_kind: str
    columns: Sequence[str]
    read: Callable[[UnitOfWork, str], Any]
    save: Callable[[UnitOfWork, str, str, str, int], Any]


@dataclass(frozen=True)
class Edited:
    """What a list can be told of a row: its version, its values as one types them, its cells."""

    version: int | None
    edits: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, Cell] = field(default_factory=dict)


class Shown(Protocol):
    """Makes the rows of a list."""

    def __call__(self, uow: UnitOfWork, found: Sequence[Any], /) -> Sequence[Any]: ...


def save_cell(editing: CellEditing, shown: Shown, identity: str) -> ResponseReturnValue:
    """Save `value` into `column` of a row of the version that If-Match names.

    `was` is what stood there when somebody began: where only other values of the row have changed
    since, nobody is in the way.
    """
    form = request.form
    column, words = form.get("column", ""), form.get("value", "")[:WORDS_MAX]
    if column not in editing.columns:
        raise NotFound("column", column)
    version = _version()
    try:
        try:
            return _saved(editing, shown, (identity, column, words, version))
        except StaleWrite:
            now = _row_now(editing, shown, identity)
            if now.edits[column] != form.get("was") or now.version is None:
                return _overtaken(editing, now, (identity, column, words))
            return _saved(editing, shown, (identity, column, words, now.version))
    except StaleWrite:
        return _overtaken(editing, _row_now(editing, shown, identity), (identity, column, words))
    except (Invalid, Conflict) as refusal:
        told = [each for several in messages_of(refusal).values() for each in several]
        return jsonify(told=" ".join(told)), problem_of(refusal).status


def _version() -> int:
    given = request.headers.get("If-Match", "").strip().strip('"')
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise PreconditionMissing
    return int(given)


def _saved(editing: CellEditing, shown: Shown, wish: tuple[str, str, str, int]) -> Response:
    with current_unit_of_work() as uow:
        row = editing.save(uow, *wish)
        (edited,) = shown(uow, [row])
    return _told(edited, wish[1], _("Saved."))


def _row_now(editing: CellEditing, shown: Shown, identity: str) -> Edited:
    with current_unit_of_work() as uow:
        (edited,) = shown(uow, [editing.read(uow, identity)])
    return Edited(edited.version, edited.edits, edited.cells)


def _overtaken(
    editing: CellEditing, now: Edited, wish: tuple[str, str, str]
) -> ResponseReturnValue:
    """Tell who wrote what meanwhile; what both wrote alike is no conflict."""
    identity, column, words = wish
    theirs = now.edits[column]
    if theirs == words.strip():
        return _told(now, column, _("Saved."))
    with current_unit_of_work() as uow:
        change = last_change_of(uow, editing.subject_kind, identity)
    if change is None:
        told = _(
            "Somebody wrote “%(theirs)s” while you were editing. You wrote “%(mine)s”.",
            theirs=theirs,
            mine=words,
        )
    else:
        told = _(
            "%(who)s wrote “%(theirs)s” while you were editing (%(when)s). You wrote “%(mine)s”.",
            who=change[0],
            when=current_visit().formats.moment(change[1]),
            theirs=theirs,
            mine=words,
        )
    return _told(now, column, told), 412


def _told(row: Any, column: str, told: str) -> Response:
    cell: Cell = row.cells[column]
    value = cell.value
    shown = current_visit().formats.number(value) if isinstance(value, int) else value or "–"
    return jsonify(version=row.version, value=row.edits[column], shown=shown, told=told)
