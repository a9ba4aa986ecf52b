"""Which knowledge a command works on: the files of a folder, or what is live."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from voicebot.cli.options import settings_of
from voicebot.core.errors import VoicebotError
from voicebot.knowledge.loading import SYNONYMS

DEPARTMENTS: Final = "departments.tsv"

folder_option = click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path("knowledge_base"),
    show_default=True,
    help="知识库目录",
)


def texts_of(directory: Path) -> dict[str, str]:
    """Path → text of the articles, the synonyms and the directory of departments below a folder.

    Raises:
        ClickException: a file cannot be read.
    """
    files = [*sorted((directory / "articles").glob("*.yaml"))]
    files += [file for name in (SYNONYMS, DEPARTMENTS) if (file := directory / name).is_file()]
    try:
        return {str(path): path.read_bytes().decode("utf-8-sig") for path in files}
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"知识库的文件读不出来：{error}") from error


def articles_in(texts: Mapping[str, str]) -> dict[str, str]:
    """Without the directory of departments."""
    return {path: text for path, text in texts.items() if not path.endswith(DEPARTMENTS)}


def live_texts(data: Path | None, config: Path | None) -> dict[str, str]:
    """The same of what new calls are served with."""
    # the database loads only for commands that need it
    from voicebot.adapters.db.content import SqlContentStore
    from voicebot.adapters.wall_clock import WallClock
    from voicebot.bootstrap.process import open_database

    async def run() -> dict[str, str]:
        async with open_database(settings_of(data, config)) as database:
            live = await SqlContentStore(database, WallClock()).live()
        wanted = tuple(f"knowledge_base/{name}" for name in ("articles/", SYNONYMS, DEPARTMENTS))
        return {path: text for path, text in live.texts.items() if path.startswith(wanted)}

    try:
        texts = asyncio.run(run())
    except VoicebotError as error:
        raise click.ClickException(error.message) from error
    if not texts:
        raise click.ClickException("线上还没有知识条目：先启动一次热线，或用 voicebot flow publish 发布")
    return texts
