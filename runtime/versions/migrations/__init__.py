"""The steps from each released schema of the store to the next, as Alembic runs them."""
