"""One process that starts the others in order, keeps them alive and ends them cleanly."""

from kernel.supervision.databases import running_databases
from kernel.supervision.program import Program
from kernel.supervision.supervisor import Step, supervise

__all__ = ["Program", "Step", "running_databases", "supervise"]
