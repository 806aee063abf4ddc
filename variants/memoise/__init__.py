"""Templates that remember what was computed."""
