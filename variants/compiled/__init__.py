"""Templates that compile a function."""
