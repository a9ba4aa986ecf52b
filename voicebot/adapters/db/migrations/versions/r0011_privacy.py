"""Looks at calls, alarms about too many looks, proofs of what was purged."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("ticket_access", sa.Column("call_id", sa.String(length=64), nullable=True))
    op.add_column(
        "ticket_access", sa.Column("person", sa.String(length=64), nullable=False, server_default="")
    )
    op.create_index(op.f("ix_ticket_access_at"), "ticket_access", ["at"], unique=False)
    op.create_table(
        "access_alarm",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("who", sa.String(length=128), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("exports", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_alarm")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_access_alarm_who_at"), "access_alarm", ["who", "at"], unique=False)
    op.create_table(
        "purge_report",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ids_digest", sa.String(length=64), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purge_report")),
        sa.UniqueConstraint("chain", name=op.f("uq_purge_report_chain")),
        sqlite_autoincrement=True,
    )
