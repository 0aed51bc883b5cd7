"""One process that starts the others in order, keeps them alive and ends them cleanly."""

from kernel.supervision.databases import running_databases
from kernel.supervision.installation import create_embedded_roles, is_web_ready, settle_web_port
from kernel.supervision.program import Program
from kernel.supervision.supervisor import Step, supervise

__all__ = [
    "Program",
    "Step",
    "create_embedded_roles",
    "is_web_ready",
    "running_databases",
    "settle_web_port",
    "supervise",
]
