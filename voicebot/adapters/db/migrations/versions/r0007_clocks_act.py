"""Clocks that are acted on, the clock of closing, and who runs which timed work."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ("close_due", "answer_since"):
        op.add_column("ticket", sa.Column(name, INSTANT, nullable=True))
    op.create_index(op.f("ix_ticket_state_closed_at"), "ticket", ["state", "closed_at"], unique=False)
    op.drop_column("ticket_clock", "lit")
    op.add_column("ticket_clock", sa.Column("acted", INSTANT, nullable=True))
    op.add_column("ticket_clock", sa.Column("next_at", INSTANT, nullable=True))
    op.execute("UPDATE ticket_clock SET next_at = warn_at")
    op.create_index(op.f("ix_ticket_clock_next_at"), "ticket_clock", ["next_at"], unique=False)
    op.create_table(
        "job_lease",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("beat", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ran_at", INSTANT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_lease")),
    )
