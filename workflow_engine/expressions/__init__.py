"""CEL for tenants: typed, decimal-exact, budgeted, compiled to closures.

    guard = compile_expression("context.allocated >= input.quantity", scope, expected=BOOL)
    guard.evaluate({"context": {"allocated": 3}, "input": {"quantity": 2}})

Everything that can go wrong is an ExpressionError with a stable code and a place.
"""

from workflow_engine.expressions.errors import ExpressionError
from workflow_engine.expressions.expression import (
    Explanation,
    Expression,
    Observation,
    compile_expression,
)
from workflow_engine.expressions.limits import LIMITS, Budget, Limits
from workflow_engine.expressions.profiles import IEEE, TENANT, Profile
from workflow_engine.expressions.types import (
    BOOL,
    BYTES,
    DECIMAL,
    DURATION,
    DYN,
    INT,
    MONEY,
    NULL,
    STRING,
    TIMESTAMP,
    UINT,
    EnumType,
    Function,
    ListType,
    MapType,
    NullableType,
    RecordType,
    Scope,
    Type,
    assignable,
    nullable,
)
from workflow_engine.expressions.values import ValueFault, from_json, to_json

__all__ = [
    "BOOL",
    "BYTES",
    "DECIMAL",
    "DURATION",
    "DYN",
    "IEEE",
    "INT",
    "LIMITS",
    "MONEY",
    "NULL",
    "STRING",
    "TENANT",
    "TIMESTAMP",
    "UINT",
    "Budget",
    "EnumType",
    "Explanation",
    "Expression",
    "ExpressionError",
    "Function",
    "Limits",
    "ListType",
    "MapType",
    "NullableType",
    "Observation",
    "Profile",
    "RecordType",
    "Scope",
    "Type",
    "ValueFault",
    "assignable",
    "compile_expression",
    "from_json",
    "nullable",
    "to_json",
]
