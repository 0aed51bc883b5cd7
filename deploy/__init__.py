"""What makes a machine ready for Wareflow; runs before anything is installed."""
