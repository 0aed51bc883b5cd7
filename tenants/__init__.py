"""What differs per customer: provisioning, members, roles, organisation, identity and settings."""
