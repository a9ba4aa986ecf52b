"""Options that several commands share."""

import os
from pathlib import Path

import click

from voicebot.settings import CONFIG_VARIABLE, Settings, load_settings

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="数据目录（数据库、模型、录音、密钥）；默认 data，或设置 data",
)
config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="配置文件；默认 voicebot.toml（没有也可以）",
)


def settings_of(data: Path | None, config: Path | None) -> Settings:
    """Settings with what the command line says on top; processes we start read the same file.

    Raises:
        VoicebotError: ``config.…``.
    """
    if config is not None:
        os.environ[CONFIG_VARIABLE] = str(config)
    return load_settings(**({} if data is None else {"data": data}))
