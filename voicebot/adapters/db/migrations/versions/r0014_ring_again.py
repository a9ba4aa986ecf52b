"""People who were not reached are rung again: tries of before that count no more."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("callback", sa.Column("forgiven", sa.Integer(), nullable=False, server_default="0"))
