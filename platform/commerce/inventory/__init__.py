"""What is where, in which condition, and promised to whom."""
