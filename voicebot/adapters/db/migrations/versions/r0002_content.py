"""Content in versions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "content_version",
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("path", "number", name=op.f("pk_content_version")),
    )
    op.create_index(
        op.f("ix_content_version_path_digest"), "content_version", ["path", "digest"], unique=False
    )
    op.create_table(
        "content_release",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("change", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_content_release")),
    )
    op.create_table(
        "content_release_version",
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision"],
            ["content_release.revision"],
            name=op.f("fk_content_release_version_revision"),
        ),
        sa.PrimaryKeyConstraint("revision", "path", name=op.f("pk_content_release_version")),
    )
    op.create_index(
        op.f("ix_content_release_version_path_revision"),
        "content_release_version",
        ["path", "revision"],
        unique=False,
    )
    op.create_table(
        "content_live",
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_content_live")),
    )
    op.create_table(
        "content_trial",
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision"], ["content_release.revision"], name=op.f("fk_content_trial_revision")
        ),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_content_trial")),
    )
    op.create_table(
        "content_seen",
        sa.Column("place", sa.String(length=255), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("place", "path", name=op.f("pk_content_seen")),
    )
    op.create_table(
        "content_refusal",
        sa.Column("place", sa.String(length=255), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_content_refusal")),
    )
    op.create_table(
        "content_draft",
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("path", "author", name=op.f("pk_content_draft")),
    )
