"""What runs beside and inside the user's program."""
