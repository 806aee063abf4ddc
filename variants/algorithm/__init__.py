"""Templates that replace an algorithm."""
