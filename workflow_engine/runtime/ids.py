"""The names of the engine's things."""

from typing import NewType

DefinitionId = NewType("DefinitionId", str)
RunId = NewType("RunId", str)
StepId = NewType("StepId", str)
TaskId = NewType("TaskId", str)
