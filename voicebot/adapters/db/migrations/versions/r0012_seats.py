"""Seats, and the calls that want a person."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "seat",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", INSTANT, nullable=True),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("team", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=True),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("next_state", sa.String(length=16), nullable=True),
        sa.Column("next_reason", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("idle_since", INSTANT, nullable=True),
        sa.Column("beat", INSTANT, nullable=True),
        sa.Column("tab", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=255), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
    )
    op.create_table(
        "contact",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("skill", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("emergency", sa.String(length=8), nullable=False),
        sa.Column("elder", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("enterprise", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("repeat", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("front", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("seat", sa.String(length=64), nullable=True),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("caller", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("told_enc", sa.LargeBinary(), nullable=True),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_state_since"), "contact", ["state", "since"], unique=False)
    op.create_index(op.f("ix_contact_ended_at"), "contact", ["ended_at"], unique=False)
