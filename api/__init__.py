"""The OAuth-secured public API."""
