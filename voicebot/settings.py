"""Settings: `voicebot.toml` (or the file in `VOICEBOT_CONFIG`), then the environment `VOICEBOT_…`.

A section is the frozen options dataclass of the room or adapter it belongs to; nested names are
joined by two underscores, e.g. ``VOICEBOT_STT__VOSK_MODEL``. Lists and tables in the environment are
JSON, e.g. ``VOICEBOT_SEAT__SEATS='{"*": "sip:100@10.0.0.5"}'``. docs/configuration.md lists them all.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from voicebot.adapters.bus import BusOptions
from voicebot.adapters.llm.options import LlmOptions
from voicebot.adapters.logs import LogOptions
from voicebot.adapters.sip.options import SipOptions
from voicebot.adapters.stt.options import SttOptions
from voicebot.adapters.tts.options import TtsOptions
from voicebot.adapters.webhook.options import NotifyOptions
from voicebot.adapters.websocket.options import WebSocketOptions
from voicebot.calls.options import AdmissionOptions, CallOptions, OutboundOptions, SeatOptions
from voicebot.core.errors import VoicebotError
from voicebot.operations.periodic import JobOptions
from voicebot.operations.retention import KeepOptions
from voicebot.operations.ticket_access import WatchOptions

CONFIG_VARIABLE: Final = "VOICEBOT_CONFIG"
CONFIG_FILE: Final = "voicebot.toml"
DATA: Final = Path("data")


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """Where pages and API are served.

    Args:
        host: address of both servers.
        port: plain HTTP; https_port: the same with the certificate in the data directory, since a
            browser gives a microphone to https pages (and localhost) only. 0 switches one off.
        line_port: loopback port of the line process's WebSockets, relayed by the web process.
        media_secret: see `WebOptions.media_secret`; without one no provider's stream is taken.
        allowed_origins: see `WebOptions.allowed_origins`.
    """

    host: str = "0.0.0.0"
    port: int = 8080
    https_port: int = 8443
    line_port: int = 8081
    media_secret: str = ""
    allowed_origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContentOptions:
    """Flows and knowledge.

    Args:
        root: folder with ``ivr_flows/`` and ``knowledge_base/``. What calls are served with is in the
            database: the files fill it at the first start.
        watch: seconds between looks for changed files; 0 looks at the start only. A changed file that
            is valid serves the next calls; an invalid one is reported and the old one stays.
        publish_files: changed files are published as author `file`; otherwise they are only shown to
            differ from what is live, and `voicebot flow publish` or the console publishes.
    """

    root: Path = Path()
    watch: float = 0.5
    publish_files: bool = True


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """Where everything is kept.

    Args:
        url: of a PostgreSQL server (extra ``postgresql``); empty for SQLite in the data directory.
        key_file: with the keys of personal data; empty for ``hotline.key`` in the data directory.
        keys: what such a file holds, for those who keep secrets in the environment; wins over the file.
    """

    url: str = ""
    key_file: str = ""
    keys: SecretStr = field(default_factory=lambda: SecretStr(""))


class Settings(BaseSettings):
    """Everything that can be set. Immutable.

    Args:
        data: run-time data: database, models, recordings, keys.
        admin_password: of the account `admin` when it is first made; random when empty.
        record: keep a WAV file of every call.
        render_ahead: make the sound of all fixed sentences in the background after start.
        drain: seconds that running calls get at a stop.
    """

    model_config = SettingsConfigDict(
        env_prefix="VOICEBOT_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    data: Path = DATA
    admin_password: SecretStr = SecretStr("")
    record: bool = False
    render_ahead: bool = True
    drain: float = Field(default=30.0, ge=0)
    content: ContentOptions = Field(default_factory=ContentOptions)
    http: HttpOptions = Field(default_factory=HttpOptions)
    sip: SipOptions = Field(default_factory=SipOptions)
    websocket: WebSocketOptions = Field(default_factory=WebSocketOptions)
    stt: SttOptions = Field(default_factory=SttOptions)
    tts: TtsOptions = Field(default_factory=TtsOptions)
    call: CallOptions = Field(default_factory=CallOptions)
    seat: SeatOptions = Field(default_factory=SeatOptions)
    admission: AdmissionOptions = Field(default_factory=AdmissionOptions)
    outbound: OutboundOptions = Field(default_factory=OutboundOptions)
    llm: LlmOptions = Field(default_factory=LlmOptions)
    jobs: JobOptions = Field(default_factory=JobOptions)
    keep: KeepOptions = Field(default_factory=KeepOptions)
    watch: WatchOptions = Field(default_factory=WatchOptions)
    notify: NotifyOptions = Field(default_factory=NotifyOptions)
    bus: BusOptions = Field(default_factory=BusOptions)
    database: DatabaseOptions = Field(default_factory=DatabaseOptions)
    log: LogOptions = Field(default_factory=LogOptions)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = Path(os.environ.get(CONFIG_VARIABLE, CONFIG_FILE))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)

    @model_validator(mode="before")
    @classmethod
    def _decode_environment(cls, given: Any) -> Any:
        return _decoded(given)

    @model_validator(mode="after")
    def _under_data(self) -> Self:
        """Default folders follow `data`."""
        stt = replace(self.stt, models=_moved(self.stt.models, self.data))
        tts = replace(
            self.tts,
            models=_moved(self.tts.models, self.data),
            cache=_moved(self.tts.cache, self.data),
        )
        object.__setattr__(self, "stt", stt)
        object.__setattr__(self, "tts", tts)
        return self

    @property
    def sockets(self) -> Path:
        """Folder of the workers' sockets."""
        return self.data / "run"


def load_settings(**given: object) -> Settings:
    """Reads file and environment.

    Args:
        given: win over both, e.g. ``data=Path("…")``.

    Raises:
        VoicebotError: ``config.missing``, ``config.syntax``, ``config.invalid``: names every wrong
            setting and its environment variable.
    """
    named = os.environ.get(CONFIG_VARIABLE)
    if named and not Path(named).is_file():
        raise VoicebotError("config.missing", f"配置文件 {named} 不存在（{CONFIG_VARIABLE}）")
    try:
        return Settings(**given)  # type: ignore[arg-type]  # validated by pydantic
    except ValidationError as error:
        raise VoicebotError("config.invalid", "\n".join(_described(error))) from error
    except ValueError as error:  # TOML syntax
        raise VoicebotError("config.syntax", f"{named or CONFIG_FILE}：{error}") from error


def _described(error: ValidationError) -> list[str]:
    lines = []
    for item in error.errors(include_url=False):
        path = [str(part) for part in item["loc"]]
        variable = "VOICEBOT_" + "__".join(path).upper()
        unknown = item["type"] in ("unexpected_keyword_argument", "extra_forbidden")
        message = "没有这个设置" if unknown else item["msg"]
        lines.append(f"设置 {'.'.join(path)}（{variable}）：{message}")
    return lines


def _decoded(value: Any) -> Any:
    """Texts that are JSON lists or tables, as environment variables give them, taken apart."""
    if isinstance(value, Mapping):
        return {key: _decoded(member) for key, member in value.items()}
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _moved(path: Path, data: Path) -> Path:
    return data / path.relative_to(DATA) if path.is_relative_to(DATA) else path
