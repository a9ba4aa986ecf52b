"""What a call was served with, and what its dialogue was told."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("content", sa.String(length=80), server_default="", nullable=False))
    op.create_index(op.f("ix_call_content"), "call", ["content"], unique=False)
    op.add_column("call_turn", sa.Column("told_enc", sa.LargeBinary(), nullable=True))
