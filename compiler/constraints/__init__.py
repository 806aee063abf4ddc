"""Binds CDL to the nodes of an ICO."""
