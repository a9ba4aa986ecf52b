"""The whole life of a ticket: what its row had no place for."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

FILLED: Mapping[str, tuple[sa.types.TypeEngine[Any], Any]] = {
    "category": (sa.Text(), ""),
    "co_departments": (sa.JSON(), "[]"),
    "dispatches": (sa.Integer(), "0"),
    "designated": (sa.Boolean(), sa.false()),
    "difficult": (sa.String(length=16), "一般"),
    "disputed": (sa.Boolean(), sa.false()),
    "return_ground": (sa.Text(), ""),
    "split_into": (sa.JSON(), "[]"),
    "rating_reason": (sa.Text(), ""),
    "objection": (sa.Text(), ""),
    "low_score": (sa.Boolean(), sa.false()),
    "callbacks": (sa.Integer(), "0"),
    "refs": (sa.JSON(), "[]"),
    "rounds": (sa.JSON(), "[]"),
}
EMPTY: Mapping[str, sa.types.TypeEngine[Any]] = {
    "department_score": sa.Float(),
    "dispatched_at": INSTANT,
    "return_due": INSTANT,
    "signed_at": INSTANT,
    "replied_at": INSTANT,
    "closed_at": INSTANT,
    "extension": sa.JSON(),
    "supervision": sa.JSON(),
    "reject_code": sa.String(length=32),
    "merged_from": sa.String(length=32),
    "group": sa.String(length=14),
    "split_from": sa.String(length=14),
    "solved": sa.Boolean(),
    "called_back_at": INSTANT,
}


def upgrade() -> None:
    for name, (kind, default) in FILLED.items():
        op.add_column("ticket", sa.Column(name, kind, server_default=default, nullable=False))
    for name, kind in EMPTY.items():
        op.add_column("ticket", sa.Column(name, kind, nullable=True))
    op.create_index(op.f("ix_ticket_merge_parent"), "ticket", ["merge_parent"], unique=False)
    op.create_index(op.f("ix_ticket_group"), "ticket", ["group"], unique=False)
