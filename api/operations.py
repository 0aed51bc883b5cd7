"""`/api/operations`: work that takes longer than a request, and what came of it."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from api.fields import Choice, Fields, Instant
from api.resource import Resource
from kernel import operations as verbs
from kernel.operations import MOVES, Operation
from kernel.uow import UnitOfWork

operations = Resource("operations", "Work that takes longer than a request.")

ADDRESS = "/api/operations/{id}"


class ProgressFields(Fields):
    """How far it is, in parts of its own size."""

    done = fields.Integer(required=True)
    total = fields.Integer(required=True)


class OperationFields(Fields):
    """How a piece of long work stands.

    `result` is there once it has `succeeded`, `error` once it has `failed`; from then on nothing
    changes, and after `expires_at` there is nothing here any more.
    """

    id = fields.String(required=True)
    kind = fields.String(required=True)
    status = Choice(*MOVES, required=True)
    progress = fields.Nested(ProgressFields, required=True)
    result = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    error = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    asked_at = Instant(required=True)
    expires_at = Instant(required=True, allow_none=True)


def shown(operation: Operation) -> Mapping[str, Any]:
    """Return an operation as outsiders see it."""
    return {
        "id": operation.id,
        "kind": operation.kind,
        "status": operation.status,
        "progress": {"done": operation.done, "total": operation.total},
        "result": operation.result,
        "error": operation.error,
        "asked_at": operation.asked_at,
        "expires_at": operation.expires_at,
    }


# Each kind of operation says by itself who else must not see it; all there are belong to the
# catalog by now.
@operations.operation(
    "GET", "/<operation_id>", "catalog:read", answer=OperationFields, is_followed=True
)
def show(uow: UnitOfWork, operation_id: str) -> Mapping[str, Any]:
    """Show how an operation stands; while it has not ended, Retry-After says when to ask again."""
    return shown(verbs.read(uow, operation_id))


@operations.operation(
    "POST",
    "/<operation_id>/cancellation",
    "catalog:write",
    answer=OperationFields,
    status=201,
)
def cancel(uow: UnitOfWork, operation_id: str) -> Mapping[str, Any]:
    """Give up what has not ended; 409 where it has, or where it is too late to stop it."""
    return shown(verbs.cancel(uow, operation_id))
