"""The pages of a tenant's people: sign-in, members, roles, organisation, settings, audit trail."""
