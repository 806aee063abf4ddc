"""The mutation engine: from a violation to a promoted variation."""
