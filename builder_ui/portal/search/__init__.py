"""Search: every kind of thing that people look for by number, code, name or words."""
