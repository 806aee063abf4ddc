"""One file for each step; found by Alembic."""
