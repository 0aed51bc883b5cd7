"""What customers asked for, line by line, and what became of each line."""
