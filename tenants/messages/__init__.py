"""Mail to people: rendered once, kept sealed, sent after the commit where a mail server is set."""
