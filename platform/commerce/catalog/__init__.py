"""What is sold, who supplies it, where it is kept and where it is offered."""
