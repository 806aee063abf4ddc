"""Versions, manifests, the store, and the control word."""
