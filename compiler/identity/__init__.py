"""Addresses, content hashes and dependency sets: the one place that makes them."""
