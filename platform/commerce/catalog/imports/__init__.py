"""Products from files: read, mapped, tried out, and only then written, by one and the same path."""
