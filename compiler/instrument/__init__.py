"""Probes: the probed twin of a function, with every position kept."""
