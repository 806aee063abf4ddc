"""Templates that say the same with fewer steps."""
