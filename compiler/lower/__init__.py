"""libcst -> ICO."""
