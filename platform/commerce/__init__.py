"""The merchant's departments."""
