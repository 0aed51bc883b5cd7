"""What differs per customer: identity, members, roles, organisation tree, settings."""
