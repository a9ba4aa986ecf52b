"""Brings the tables to the newest revision inside one transaction."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from voicebot.adapters.db.dialect import lock_for_migration
from voicebot.core.errors import VoicebotError

SCRIPTS: Final = Path(__file__).parent / "migrations"
HEAD: Final = "0015"
"""Newest revision; known here so that a database that is up to date opens without loading Alembic."""


def revision(connection: Connection) -> str | None:
    """Revision of the tables; None when there are none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found is not None else None


def to_head(connection: Connection, place: str) -> None:
    """Runs the missing migrations; the connection must be in a transaction that writes.

    Raises:
        VoicebotError: ``db.newer`` when a later release made these tables.
    """
    lock_for_migration(connection)
    found = revision(connection)
    if found == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise VoicebotError("db.newer", f"数据库 {place} 由更新的版本写成（{found}）：请升级程序再启动")
    command.upgrade(config, HEAD)
