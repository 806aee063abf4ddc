"""Trials: original against variation, in sandboxed workers, on captured calls."""
