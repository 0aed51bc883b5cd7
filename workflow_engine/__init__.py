"""The workflow engine: definitions as data, interpreted purely, run durably."""
