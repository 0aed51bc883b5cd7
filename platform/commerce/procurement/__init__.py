"""What is asked of suppliers, ordered from them and received."""
