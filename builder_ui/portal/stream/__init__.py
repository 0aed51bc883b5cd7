"""What happens in a tenant, told to open pages while it happens."""
