"""The durable half: runs, timers, steps and tasks on PostgreSQL, safe to kill at any line."""
