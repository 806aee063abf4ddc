"""The living graph and the judge."""
