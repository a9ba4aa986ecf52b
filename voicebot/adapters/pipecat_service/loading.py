"""From a dotted path and a table of options to a service of pipecat."""

import importlib
import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_type_hints

from pipecat.services.ai_service import AIService

from voicebot.core.errors import VoicebotError

LOCAL: Final = frozenset(
    f"pipecat.services.{name}"
    for name in (
        "funasr.stt.FunASRSTTService",
        "kokoro.tts.KokoroTTSService",
        "moonshine.stt.MoonshineSTTService",
        "piper.tts.PiperTTSService",
        "pocket_tts.tts.PocketTTSService",
        "whisper.stt.WhisperSTTService",
        "whisper.stt.WhisperSTTServiceMLX",
    )
)
"""Services that do their work in this process; every other one needs the operator's word."""
_ENVIRONMENT: Final = "env:"

S = TypeVar("S", bound=AIService)


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """What the settings say of a service.

    Args:
        section: of the settings, ``stt`` or ``tts``; begins the codes of the errors.
        service, options, allow_remote: see `PipecatSttOptions`.
    """

    section: str
    service: str
    options: Mapping[str, Any]
    allow_remote: bool

    def wrong(self, name: str, why: str) -> VoicebotError:
        return VoicebotError(f"{self.section}.options", f"设置 {self.section}.pipecat.{name}：{why}")


def service_class(spec: ServiceSpec, kind: type[S]) -> type[S]:
    """The class that `spec` names.

    Raises:
        VoicebotError: ``….options`` (no such class, not of `kind`), ``….missing`` (a package it needs
            is not installed), ``….remote`` (it is not known to stay on this machine, and not allowed).
    """
    module, _, name = spec.service.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise VoicebotError(
            f"{spec.section}.missing",
            f"装不进 {spec.service}：{error}。处理办法：安装它需要的包（pip install 'pipecat-ai[…]'），"
            f"或改正设置 {spec.section}.pipecat.service",
        ) from error
    except (AttributeError, ValueError) as error:
        raise spec.wrong("service", f"没有 {spec.service} 这个类") from error
    if not (inspect.isclass(found) and issubclass(found, kind)):
        raise spec.wrong("service", f"{spec.service} 不是 {kind.__name__} 的子类")
    if not is_local(found) and not spec.allow_remote:
        raise VoicebotError(
            f"{spec.section}.remote",
            f"{spec.service} 可能把来电人的声音或话语送出本机。"
            f"处理办法：确实允许时，把设置 {spec.section}.pipecat.allow_remote 设为 true；或换用本机的服务",
        )
    return found


def is_local(kind: type[AIService]) -> bool:
    """It is known to do its work on this machine."""
    return f"{kind.__module__}.{kind.__name__}" in LOCAL


def make_service(spec: ServiceSpec, kind: type[S], extra: Mapping[str, Any]) -> S:
    """An instance of `kind`, made of the options and `extra`; loads the service's model, if it has one.

    Raises:
        VoicebotError: ``….options``: its constructor refuses them; the cause is kept.
    """
    given = {name: _resolved(spec, value) for name, value in spec.options.items()}
    settings = given.pop("settings", None)
    try:
        if settings is not None:
            given["settings"] = kind.Settings(**settings)  # type: ignore[attr-defined]
        return kind(**{**extra, **_typed(kind, given)})
    # a constructor of anybody's may raise anything
    except Exception as error:
        raise spec.wrong("options", f"{spec.service} 不接受：{type(error).__name__} {error}") from error


def _typed(kind: type[AIService], given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` with a `Path` wherever the constructor wants one: settings know texts only."""
    try:
        hints = get_type_hints(kind.__init__)
    except NameError:  # annotations that only a type checker can resolve
        return dict(given)
    wanted = {name for name, hint in hints.items() if Path in (hint, *get_args(hint))}
    return {
        name: Path(value) if name in wanted and isinstance(value, str) else value
        for name, value in given.items()
    }


def needs_session(kind: type[AIService], options: Mapping[str, Any]) -> bool:
    """Its constructor wants an HTTP session, and the options cannot give one."""
    parameter = inspect.signature(kind).parameters.get("aiohttp_session")
    return parameter is not None and parameter.default is parameter.empty and "aiohttp_session" not in options


def _resolved(spec: ServiceSpec, value: Any) -> Any:
    """`value` with every text ``env:NAME`` replaced by that variable."""
    if isinstance(value, Mapping):
        return {name: _resolved(spec, member) for name, member in value.items()}
    if isinstance(value, str) and value.startswith(_ENVIRONMENT):
        name = value.removeprefix(_ENVIRONMENT)
        if name not in os.environ:
            raise spec.wrong("options", f"环境变量 {name} 没有设置")
        return os.environ[name]
    return value
