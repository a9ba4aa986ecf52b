"""Alembic's entry: runs on the connection and in the transaction that `upgrade.to_head` hands in."""

from alembic import context

from voicebot.adapters.db.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
