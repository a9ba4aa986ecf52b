"""Suggestions of one matter, hot spots."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ticket_uncompared",
        sa.Column("ticket_no", sa.String(length=14), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_ticket_uncompared_ticket_no")
        ),
        sa.PrimaryKeyConstraint("ticket_no", name=op.f("pk_ticket_uncompared")),
    )
    op.create_index(op.f("ix_ticket_uncompared_next_at"), "ticket_uncompared", ["next_at"], unique=False)
    _suggestion()
    op.create_table(
        "ticket_spot",
        sa.Column("ticket_no", sa.String(length=14), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["ticket_no"], ["ticket.ticket_no"], name=op.f("fk_ticket_spot_ticket_no")),
        sa.PrimaryKeyConstraint("ticket_no", "place", "kind", name=op.f("pk_ticket_spot")),
    )
    op.create_index(op.f("ix_ticket_spot_at"), "ticket_spot", ["at"], unique=False)
    op.create_index(
        op.f("ix_ticket_spot_place_kind_at"), "ticket_spot", ["place", "kind", "at"], unique=False
    )
    op.create_table(
        "hot_spot",
        sa.Column("id", ID, nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("callers", sa.Integer(), nullable=False),
        sa.Column("mean", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("over_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hot_spot")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_hot_spot_over_at"), "hot_spot", ["over_at"], unique=False)


def _suggestion() -> None:
    op.create_table(
        "ticket_suggestion",
        sa.Column("later", sa.String(length=14), nullable=False),
        sa.Column("earlier", sa.String(length=14), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("why", sa.Text(), nullable=False, server_default=""),
        sa.Column("joined", sa.String(length=14), nullable=True),
        sa.ForeignKeyConstraint(["later"], ["ticket.ticket_no"], name=op.f("fk_ticket_suggestion_later")),
        sa.ForeignKeyConstraint(["earlier"], ["ticket.ticket_no"], name=op.f("fk_ticket_suggestion_earlier")),
        sa.PrimaryKeyConstraint("later", "earlier", name=op.f("pk_ticket_suggestion")),
    )
    op.create_index(op.f("ix_ticket_suggestion_earlier"), "ticket_suggestion", ["earlier"], unique=False)
    undecided = sa.text("standing = 'open'")
    op.create_index(
        "ix_ticket_suggestion_open",
        "ticket_suggestion",
        ["later"],
        unique=False,
        sqlite_where=undecided,
        postgresql_where=undecided,
    )
