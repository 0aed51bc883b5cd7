"""What the catalog asks of those who use it."""

from kernel.access import Permission

READ = Permission("catalog:read")
WRITE = Permission("catalog:write")
