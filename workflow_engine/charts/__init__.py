"""Definitions as charts: what is drawn of one, where it stands on the page, and who is in it."""
