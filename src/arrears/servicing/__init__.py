"""What a contract owes on a date, and why."""
