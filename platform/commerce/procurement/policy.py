"""Who may ask, buy and receive, and what a tenant decides about buying."""

from kernel.access import Permission

READ_PURCHASES = Permission("procurement:read")
WRITE_PURCHASES = Permission("procurement:write")
APPROVE_PURCHASES = Permission("procurement:approve")

REASON_LENGTH_MAX = 200
