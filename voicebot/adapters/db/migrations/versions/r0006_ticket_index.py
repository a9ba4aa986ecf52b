"""What tickets are found by: words, keys, clocks, units; filled when the database is opened."""

import sqlalchemy as sa
from alembic import op

from voicebot.adapters.db.ticket_text import MAKE

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NUMBER = sa.String(length=14)

MARKED = {
    "disputed": "disputed",
    "extension": "extension IS NOT NULL",
    "supervision": "supervision IS NOT NULL",
    "low_score": "low_score",
    "objection": "objection != ''",
    "difficult": "difficult != '一般'",
    "grouped": '"group" IS NOT NULL',
}


def upgrade() -> None:
    for statement in MAKE[op.get_bind().dialect.name]:
        op.execute(statement)
    op.create_index(op.f("ix_ticket_state_ticket_no"), "ticket", ["state", "ticket_no"], unique=False)
    for name, condition in MARKED.items():
        op.create_index(
            f"ix_ticket_marked_{name}",
            "ticket",
            ["ticket_no"],
            unique=False,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
    op.create_table(
        "ticket_key",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("ticket_no", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_ticket_key_ticket_no_ticket")
        ),
        sa.PrimaryKeyConstraint("key", "ticket_no", name=op.f("pk_ticket_key")),
    )
    op.create_index(op.f("ix_ticket_key_ticket_no"), "ticket_key", ["ticket_no"], unique=False)
    op.create_table(
        "ticket_clock",
        sa.Column("ticket_no", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("warn_at", INSTANT, nullable=False),
        sa.Column("due", INSTANT, nullable=False),
        sa.Column("lit", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_ticket_clock_ticket_no_ticket")
        ),
        sa.PrimaryKeyConstraint("ticket_no", "kind", "round", name=op.f("pk_ticket_clock")),
    )
    op.create_index(op.f("ix_ticket_clock_due"), "ticket_clock", ["due"], unique=False)
    op.create_index(op.f("ix_ticket_clock_warn_at"), "ticket_clock", ["warn_at"], unique=False)
    op.create_table(
        "ticket_unit",
        sa.Column("ticket_no", NUMBER, nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("leads", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_ticket_unit_ticket_no_ticket")
        ),
        sa.PrimaryKeyConstraint("ticket_no", "department", name=op.f("pk_ticket_unit")),
    )
    op.create_index(
        op.f("ix_ticket_unit_department_state_ticket_no"),
        "ticket_unit",
        ["department", "state", "ticket_no"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ticket_unit_department_ticket_no"), "ticket_unit", ["department", "ticket_no"], unique=False
    )
    op.create_table(
        "ticket_index_format",
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("format", name=op.f("pk_ticket_index_format")),
    )
