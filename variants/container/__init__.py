"""Templates that replace a container."""
