"""Is everything there that the hotline needs? Each check is one finding with one remedy."""

import asyncio
import contextlib
import importlib.metadata
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from voicebot.adapters.bus import NatsBus
from voicebot.adapters.bus.status import PARTS, ask_status
from voicebot.adapters.db.database import FILE_NAME
from voicebot.adapters.llm.trial import try_model
from voicebot.adapters.models.manifest import MODELS, RECOGNITION, Use
from voicebot.adapters.models.select import choose_engine, engine_trouble, store_of
from voicebot.adapters.supervisor.nats_server import running_bus
from voicebot.adapters.tts.check import voice_trouble
from voicebot.bootstrap.brain import load_brain
from voicebot.core.errors import VoicebotError
from voicebot.settings import Settings

DISTRIBUTION: Final = "voicebot-12345"
LITTLE_SPACE: Final = 1_000_000_000
NO_SPACE: Final = 100_000_000
SET_UP: Final = "执行 make serve，它会补装缺少的东西"
RUN_IT: Final = "先启动热线：make serve（或 voicebot serve），再执行 voicebot doctor"


class State(StrEnum):
    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"
    IMPOSSIBLE = "impossible"
    """Nothing that builds on it can be checked."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check.

    Args:
        ms: how long it took; for a stage of the call, how long the stage took.
        remedy: what to do; empty when all is well.
    """

    name: str
    state: State
    detail: str
    remedy: str = ""
    ms: float = 0.0


Check = Callable[[Settings], Finding]


def python(_settings: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info < (3, 14):
        return Finding("python", State.OK, version)
    return Finding("python", State.FAILED, version, "安装 Python 3.11、3.12 或 3.13")


def packages(_settings: Settings) -> Finding:
    try:
        wanted = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        return Finding("packages", State.FAILED, f"{DISTRIBUTION} 没有安装", SET_UP)
    missing = list(_missing(line for line in wanted if "extra ==" not in line))
    if missing:
        return Finding("packages", State.FAILED, "缺少 " + "、".join(missing), SET_UP)
    return Finding("packages", State.OK, f"{len(wanted)} 个依赖包")


def _missing(requirements: Iterable[str]) -> Iterable[str]:
    """Requirements whose package is absent or not the one version that is pinned."""
    for requirement in requirements:
        match = re.match(r"([\w.-]+)(?:\[[^]]*])?(?:==([\w.]+))?", requirement)
        assert match is not None
        try:
            found = importlib.metadata.version(match[1])
        except importlib.metadata.PackageNotFoundError:
            yield match[1]
            continue
        if match[2] and found != match[2]:
            yield f"{match[1]} {match[2]}（现有 {found}）"


def models(settings: Settings) -> Finding:
    store = store_of(settings.stt)
    try:
        choice = choose_engine(settings.stt)
    except VoicebotError as error:
        return Finding("models", State.FAILED, error.message, "执行 voicebot models pull")
    if trouble := engine_trouble(settings.stt):
        return Finding("models", State.FAILED, trouble, "按上面的办法处理，或把设置 stt.engine 改为 auto")
    if trouble := voice_trouble(settings.tts):
        return Finding("models", State.FAILED, trouble, "按上面的办法处理，或改设置 tts.engine")
    faults = [
        str(fault)
        for model in MODELS
        if model.use is Use.RUN and model not in RECOGNITION
        for fault in store.faults(model, deep=False)
    ]
    if faults:
        return Finding("models", State.FAILED, "；".join(faults), "执行 voicebot models pull")
    if choice.note:
        remedy = "下载 Vosk 普通话模型并设置 VOICEBOT_STT__VOSK_MODEL，再执行 voicebot models pull"
        return Finding("models", State.DEGRADED, f"识别用 {choice.label}（{choice.note}）", remedy)
    return Finding("models", State.OK, f"识别用 {choice.label}")


def data_directory(settings: Settings) -> Finding:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data) as file:
            file.write(b"x")
    except OSError as error:
        remedy = f"让运行热线的用户能写 {settings.data}，或用 --data 换一个目录"
        return Finding("data", State.FAILED, f"{settings.data} 不可写：{error.strerror}", remedy)
    return Finding("data", State.OK, str(settings.data))


def disk_space(settings: Settings) -> Finding:
    try:
        free = shutil.disk_usage(settings.data).free
    except OSError as error:
        return Finding("disk", State.FAILED, f"{settings.data}：{error.strerror}", "检查数据目录")
    detail = f"剩余 {free / 1e9:.1f} GB"
    if free < NO_SPACE:
        return Finding("disk", State.FAILED, detail, "清理磁盘：voicebot db purge 可删除旧通话和录音")
    if free < LITTLE_SPACE:
        return Finding("disk", State.DEGRADED, detail, "磁盘快满了：voicebot db purge 可删除旧通话和录音")
    return Finding("disk", State.OK, detail)


def database(settings: Settings) -> Finding:
    if settings.database.url:
        return Finding("database", State.OK, "服务器数据库，由各进程检查")
    file = settings.data / FILE_NAME
    if not file.exists():
        return Finding("database", State.OK, f"{file} 还没有，首次启动时建立")
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        verdict = str(error)
    if verdict == "ok":
        return Finding("database", State.OK, str(file))
    remedy = "停止热线，用 voicebot db backup 的备份替换数据库文件"
    return Finding("database", State.FAILED, f"{file}：{verdict}", remedy)


def content(settings: Settings) -> Finding:
    try:
        brain = load_brain(settings.content.root)
    except VoicebotError as error:
        return Finding(
            "content", State.FAILED, error.message.splitlines()[0], "执行 voicebot check 看全部错误"
        )
    return Finding("content", State.OK, f"{len(brain.knowledge.articles)} 篇知识")


def language_model(settings: Settings) -> Finding:
    """Never worse than degraded, but where words would go where they must not."""
    options = settings.llm
    if not options.on:
        return Finding("llm", State.OK, "没有使用语言模型")
    try:
        trial = asyncio.run(try_model(options))
    except VoicebotError as error:
        if error.code == "llm.remote":
            return Finding("llm", State.FAILED, error.message, "改设置 llm.url，或不用语言模型（清空它）")
        remedy = "看模型服务器是否在运行，设置 llm.url、llm.model、llm.key 对不对；在那之前通话照常"
        return Finding("llm", State.DEGRADED, error.message, remedy)
    detail = f"{options.model}，{trial.seconds * 1000:.0f} ms"
    if trial.seconds * 1000 > options.timeout_ms:
        remedy = "换小一些的模型或快一些的机器；太慢的回答不会被采用"
        return Finding("llm", State.DEGRADED, f"{detail}，超过 {options.timeout_ms} ms", remedy)
    if not trial.usable:
        return Finding("llm", State.DEGRADED, f"{detail}，回答不是要求的 JSON", "换一个会输出 JSON 的模型")
    return Finding("llm", State.OK, detail)


SET_UP_CHECKS: Final[tuple[Check, ...]] = (
    python,
    packages,
    models,
    data_directory,
    disk_space,
    database,
    content,
    language_model,
)


def check_set_up(settings: Settings) -> list[Finding]:
    """Everything that can be checked without the running hotline."""
    findings = []
    for check in SET_UP_CHECKS:
        began = time.monotonic()
        findings.append(replace(check(settings), ms=(time.monotonic() - began) * 1000))
    return findings


async def check_parts(settings: Settings) -> list[Finding]:
    """The bus and every process, as they tell themselves; IMPOSSIBLE when nothing runs."""
    options = settings.bus if settings.bus.url else running_bus(settings.sockets)
    if options is None:
        return [Finding("bus", State.IMPOSSIBLE, "热线没有在运行", RUN_IT)]
    began = time.monotonic()
    try:
        bus = await NatsBus.connect(options, "doctor", timeout=3)
    except VoicebotError as error:
        return [Finding("bus", State.IMPOSSIBLE, f"热线没有在运行（{error.message}）", RUN_IT)]
    findings = [Finding("bus", State.OK, options.url, ms=(time.monotonic() - began) * 1000)]
    try:
        findings += [await _timed(_part, bus, name) for name in PARTS]
    finally:
        await bus.close()
    return findings


async def _part(bus: NatsBus, name: str) -> Finding:
    status = await ask_status(bus, name)
    if not status.ready:
        remedy = "看热线输出里这个进程的错误；它会自动重启，一分钟后再试"
        return Finding(name, State.FAILED, status.note or "没有就绪", remedy)
    return Finding(name, State.OK, status.note or "就绪")


async def _timed(check: Callable[[NatsBus, str], Awaitable[Finding]], bus: NatsBus, name: str) -> Finding:
    began = time.monotonic()
    return replace(await check(bus, name), ms=(time.monotonic() - began) * 1000)
