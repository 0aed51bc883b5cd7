"""Runs without a server: a virtual clock, answers given in advance, people on paper."""

from workflow_engine.simulation.examples import ExampleReport, Failure, run_example, run_examples
from workflow_engine.simulation.services import Answer, Mocks, Unmocked
from workflow_engine.simulation.world import LiveRun, World

__all__ = [
    "Answer",
    "ExampleReport",
    "Failure",
    "LiveRun",
    "Mocks",
    "Unmocked",
    "World",
    "run_example",
    "run_examples",
]
