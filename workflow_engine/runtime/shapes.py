"""The kernel's catalogue of actions as definitions see it: names and typed fields."""

from collections.abc import Sequence

from marshmallow import Schema, fields

from kernel.actions import Catalogue
from workflow_engine.definition.fields import Field
from workflow_engine.interpreter import ActionShape

# What is not listed is typed `any`: its value is checked by the action's own schema at run time.
_KINDS: tuple[tuple[type[fields.Field], str], ...] = (  # type: ignore[type-arg] # Any value.
    (fields.Boolean, "bool"),
    (fields.Integer, "int"),
    (fields.Decimal, "decimal"),
    (fields.AwareDateTime, "timestamp"),
    (fields.String, "string"),
)


class CatalogueShapes:
    """Tells the compiler which actions exist and what they take and give."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Read the schemas of the catalogue's actions."""
        self._shapes = {
            action.name: ActionShape(_fields(action.input), _fields(action.output))
            for action in catalogue
        }

    def names(self) -> Sequence[str]:
        """All actions."""
        return tuple(self._shapes)

    def shape(self, action: str) -> ActionShape | None:
        """One action's fields; None for an action that does not exist."""
        return self._shapes.get(action)


def _fields(schema: type[Schema]) -> tuple[Field, ...]:
    return tuple(
        Field(name, _kind(field), nullable=field.allow_none or not field.required)
        for name, field in schema().fields.items()
    )


def _kind(field: fields.Field) -> str:  # type: ignore[type-arg] # Any value.
    declared = field.metadata.get("kind")
    if declared is not None:
        return str(declared)
    return next((kind for known, kind in _KINDS if isinstance(field, known)), "any")
