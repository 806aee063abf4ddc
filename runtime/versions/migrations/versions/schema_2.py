"""Schema 2: the events of a node are found by an index, so that ``why`` does not read all of them."""

from alembic import op

revision = "2"
down_revision = None


def upgrade() -> None:
    """From schema 1."""
    op.create_index("ix_events_address", "events", ["address"])
