"""Faults put in on purpose: each patch breaks one promise, and a named test must notice."""
