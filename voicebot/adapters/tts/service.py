"""The synthesis worker. Messages: ``speak`` (``id``, ``text``, ``engine``, ``voice``, ``rate``,
``sample_rate``, ``language``, ``background``, ``public``; answered by ``engine`` and the sound as
payload), ``cancel`` (``target``) and ``status`` (``id``)."""

import asyncio
from typing import Any

import structlog

from voicebot.adapters.tts.voices import Choir
from voicebot.adapters.worker.frames import Frame
from voicebot.adapters.worker.server import Client
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import MANDARIN, LanguageTag

_log = structlog.get_logger(__name__)


class SynthesisService:
    """Implements `worker.server.Service`.

    Args:
        choir: the engines.
        group: owns the clauses that are being made.
        queue: clauses that may wait or be in work.
        engines: names, for the status.
    """

    def __init__(
        self, choir: Choir, group: asyncio.TaskGroup, *, queue: int, engines: tuple[str, ...]
    ) -> None:
        self._choir = choir
        self._group = group
        self._queue = queue
        self._engines = engines
        self._tasks: dict[tuple[Client, int], asyncio.Task[None]] = {}

    def joined(self, client: Client) -> None:
        client.send(self._status())

    def left(self, client: Client) -> None:
        for (owner, _), task in self._tasks.items():
            if owner is client:
                task.cancel()

    def receive(self, client: Client, frame: Frame) -> None:
        header = frame.header
        match header.get("op"):
            case "status":
                client.send({**self._status(), "id": header.get("id")})
            case "cancel":
                if (task := self._tasks.get((client, int(header["target"])))) is not None:
                    task.cancel()
            case "speak":
                self._speak(client, int(header["id"]), dict(header))
            case other:
                raise VoicebotError("worker.protocol", f"不认识的消息 {other}")

    def _speak(self, client: Client, number: int, header: dict[str, Any]) -> None:
        if len(self._tasks) >= self._queue:
            client.refuse(number, VoicebotError("tts.busy", "语音合成忙", retryable=True))
            return
        rate, sample_rate = float(header["rate"]), int(header["sample_rate"])
        task = self._group.create_task(
            self._render(client, number, header, rate, sample_rate), name=f"speak-{number}"
        )
        self._tasks[client, number] = task
        task.add_done_callback(lambda _: self._tasks.pop((client, number), None))

    async def _render(
        self, client: Client, number: int, header: dict[str, Any], rate: float, sample_rate: int
    ) -> None:
        try:
            made = await self._choir.render(
                str(header["text"]),
                engine=str(header.get("engine", "")),
                voice=str(header.get("voice", "")),
                rate=rate,
                sample_rate=sample_rate,
                background=bool(header.get("background")),
                language=LanguageTag(str(header.get("language", MANDARIN))),
                public=header.get("public") is True,
            )
        except VoicebotError as error:
            client.refuse(number, error)
        # the job loop of a worker: one clause that trips an engine must not end the others
        except Exception as error:
            _log.exception("tts.failed")
            client.refuse(number, VoicebotError("tts.failed", f"合成失败：{error}", retryable=True))
        else:
            client.send({"id": number, "engine": made.engine}, made.audio.pcm)

    def _status(self) -> dict[str, Any]:
        return {"event": "status", "engines": list(self._engines), "waiting": len(self._tasks)}
