"""What a workflow can do about owned problems: close a case with what was done."""

from contextlib import suppress
from typing import Any

from marshmallow import Schema, fields, validate

from kernel.actions import Action, Facts
from kernel.exceptions import WRITE_EXCEPTIONS, AlreadyResolved, resolve
from kernel.ids import ID_LENGTH_MAX, ExceptionId
from kernel.uow import UnitOfWork


class OneCase(Schema):
    """Which case."""

    exception_id = fields.String(required=True, validate=validate.Length(1, ID_LENGTH_MAX))


class Resolution(OneCase):
    """Which case, and what was done."""

    resolution = fields.String(required=True, validate=validate.Length(1, 500))


def _resolve(uow: UnitOfWork, input: Any, step_id: str) -> Facts:
    del step_id
    with suppress(AlreadyResolved):  # By this step before, or by a person who was faster.
        resolve(uow, ExceptionId(input["exception_id"]), input["resolution"])
    return {"exception_id": input["exception_id"]}


RESOLVE = Action(
    "exceptions.resolve",
    "Close a case with what was done",
    WRITE_EXCEPTIONS,
    "local",
    Resolution,
    OneCase,
    _resolve,
)

ACTIONS = (RESOLVE,)
