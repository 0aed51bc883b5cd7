"""Who somebody is: passwords, sessions, invitations, and limits to guessing."""
