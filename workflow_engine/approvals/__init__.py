"""Approvals and tasks: who may answer, how many must, and what follows. Decisions are pure."""

from workflow_engine.approvals.deadlines import Deadline, deadlines
from workflow_engine.approvals.deciding import Standing, decide, result_of
from workflow_engine.approvals.eligibility import REASONS, Ballot, Refusal, cast
from workflow_engine.approvals.feasibility import Shortage, shortages
from workflow_engine.approvals.forms import FormFault, check_form
from workflow_engine.approvals.people import Delegation, People, Person
from workflow_engine.approvals.spec import (
    Approval,
    Stage,
    Vote,
    candidates_of,
    read_approval,
    resolve,
)

__all__ = [
    "REASONS",
    "Approval",
    "Ballot",
    "Deadline",
    "Delegation",
    "FormFault",
    "People",
    "Person",
    "Refusal",
    "Shortage",
    "Stage",
    "Standing",
    "Vote",
    "candidates_of",
    "cast",
    "check_form",
    "deadlines",
    "decide",
    "read_approval",
    "resolve",
    "result_of",
    "shortages",
]
