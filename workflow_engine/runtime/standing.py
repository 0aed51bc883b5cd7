"""Where runs stand: the innermost states of each and since when, kept beside its snapshot.

What a snapshot says in full, a list and a count must find without reading every snapshot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import String

from kernel.uow import UnitOfWork

# A run that has not moved since runs say where they stand is asked by its snapshot.
_PLACES = """
    coalesce(run.standing, (
        SELECT jsonb_agg(jsonb_build_object('state', leaf.id, 'since', run.started_at))
        FROM jsonb_array_elements_text(run.snapshot::jsonb -> 'states') AS leaf (id)
    ), '[]'::jsonb)
"""

_STANDING = text(
    # How many open runs stand in each innermost state, and since when the longest of them has.
    f"""
    SELECT place ->> 'state' AS state, count(*) AS runs,
           min((place ->> 'since')::timestamptz) AS since
    FROM run, jsonb_array_elements({_PLACES}) AS place
    WHERE run.tenant_id = :tenant_id AND run.definition_id = :definition_id
      AND run.state <> 'finished'
    GROUP BY 1
    """  # noqa: S608 -- The only thing put in is the constant above.
)

_STANDS_IN = f"""
    run.state <> 'finished' AND EXISTS (
        SELECT 1 FROM jsonb_array_elements({_PLACES}) AS place
        WHERE place ->> 'state' = ANY (:standing_in))
"""  # noqa: S608 -- The only thing put in is the constant above.


@dataclass(frozen=True)
class Standing:
    """Runs in a state: how many, and since when the one has stood there that came first.

    Of a state that holds others it is not told since when: runs move inside it.
    """

    runs: int
    since: datetime | None = None


def standing_of(uow: UnitOfWork, definition_id: str) -> Mapping[str, Standing]:
    """Return the open runs of a version by the innermost states they are in."""
    asked = {"tenant_id": uow.tenant_id, "definition_id": definition_id}
    rows = uow.session.execute(_STANDING, asked)
    return {row.state: Standing(row.runs, row.since) for row in rows}


def stands_in(state_ids: Sequence[str]) -> TextClause:
    """Return the condition on a run that it is open and stands in one of some innermost states."""
    names = bindparam("standing_in", list(state_ids), type_=ARRAY(String))
    return text(_STANDS_IN).bindparams(names)


def moved_on(
    before: Sequence[Mapping[str, Any]] | None, states: Sequence[str], now: datetime
) -> list[dict[str, Any]]:
    """Return where a run stands after a move: it stays as long as it has where it stood before."""
    since = {each["state"]: each["since"] for each in before or ()}
    return [{"state": state, "since": since.get(state, now.isoformat())} for state in states]
