"""What the departments together say of the business: rules that must hold, figures, signals."""
