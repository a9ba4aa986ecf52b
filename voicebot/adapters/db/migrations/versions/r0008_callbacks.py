"""Calls we owe and make: whom, when, what came of each try; numbers that are not to be rung."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
KEY = sa.String(length=80)


def upgrade() -> None:
    op.add_column("call", sa.Column("outbound", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "callback",
        sa.Column("key", KEY, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ticket_no", sa.String(length=14), nullable=True),
        sa.Column("call_id", sa.String(length=64), nullable=True),
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("number_enc", sa.LargeBinary(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("due", INSTANT, nullable=True),
        sa.Column("over", sa.String(length=16), server_default="", nullable=False),
        sa.Column("over_at", INSTANT, nullable=True),
        sa.Column("holder", sa.String(length=64), server_default="", nullable=False),
        sa.Column("held_until", INSTANT, nullable=True),
        sa.Column("seen_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("seen_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_callback")),
    )
    op.create_index(op.f("ix_callback_due"), "callback", ["due"], unique=False)
    op.create_index(op.f("ix_callback_number_hash"), "callback", ["number_hash"], unique=False)
    op.create_index(op.f("ix_callback_ticket_no"), "callback", ["ticket_no"], unique=False)
    op.create_index(
        op.f("ix_callback_over_seen_by_over_at"), "callback", ["over", "seen_by", "over_at"], unique=False
    )
    op.create_table(
        "callback_try",
        sa.Column("key", KEY, nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("again", INSTANT, nullable=True),
        sa.Column("call_id", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["key"], ["callback.key"], name=op.f("fk_callback_try_key_callback"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "n", name=op.f("pk_callback_try")),
    )
    op.create_index(op.f("ix_callback_try_at"), "callback_try", ["at"], unique=False)
    op.create_table(
        "never_ring",
        sa.Column("number_hash", sa.String(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("why", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("number_hash", name=op.f("pk_never_ring")),
    )
