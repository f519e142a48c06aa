"""The doctors of a resident's contract."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DOCTORS = ("doctor", "village_doctor", "township_doctor")


def upgrade() -> None:
    """Add the columns; nothing is known of them yet."""
    for name in DOCTORS:
        op.add_column("residents", sa.Column(name, sa.String(), nullable=True))
