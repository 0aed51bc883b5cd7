"""Every verb of a warehouse by name. What changes the lines of orders as well is with orders."""

from commerce.warehouse.opening import cancel, hold, release
from commerce.warehouse.picking import pack, pick
from commerce.warehouse.tasks import assign_task, put_away

__all__ = ["assign_task", "cancel", "hold", "pack", "pick", "put_away", "release"]
