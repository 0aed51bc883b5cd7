"""Flask plumbing on the kernel: tenant, actor, transaction and problem details of any request."""
