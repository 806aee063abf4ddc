"""Templates that need less memory: the same values, fewer of them at once."""
