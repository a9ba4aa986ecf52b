"""Calls from telephony providers: Twilio Media Streams (8 kHz µ-law, JSON), by pipecat's serializer.

Source: Twilio, "Media Streams - WebSocket Messages". The provider plays what it is sent in real time,
returns a mark when the sound before it was played, and on ``clear`` returns all marks at once.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Final

import structlog
from pipecat.frames.frames import InterruptionFrame, OutputAudioRawFrame
from pipecat.serializers.twilio import TwilioFrameSerializer

from voicebot.adapters.websocket.connection import Connection
from voicebot.adapters.websocket.desk import Desk
from voicebot.adapters.websocket.options import WebSocketOptions
from voicebot.adapters.websocket.pacing import Allowance, Playout
from voicebot.adapters.websocket.protocol import CloseCode
from voicebot.adapters.websocket.wire import Wire
from voicebot.calls.ports import LineInfo
from voicebot.core.clock import Clock

log = structlog.get_logger()

RATE: Final = 8_000
MAX_MESSAGE: Final = 16_384
PROVIDER_BUFFER: Final = 0.1
"""Seconds a provider holds back, used only while it sends no marks."""


@dataclass(frozen=True, slots=True)
class StreamStart:
    """The provider's ``start``. `caller` and `dialled` come from `customParameters` (``caller`` or
    ``From``, ``dialled`` or ``To``), which the provider's call script must set."""

    stream_sid: str
    call_sid: str
    caller: str
    dialled: str


class StreamError(Exception):
    """A message that is not of the provider's protocol; `args[0]` is for the log and the close reason."""


def read_message(data: str | bytes) -> dict[str, object]:
    """One provider message.

    Raises:
        StreamError: no JSON object, too long, or binary.
    """
    if isinstance(data, bytes) or len(data) > MAX_MESSAGE:
        raise StreamError("message too large or binary")
    try:
        loaded = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise StreamError("not JSON") from error
    if not isinstance(loaded, dict) or not isinstance(loaded.get("event"), str):
        raise StreamError("no event")
    return loaded


def read_start(message: dict[str, object], dialled: str) -> StreamStart:
    """Reads ``start``; `dialled` is used when the provider does not say.

    Raises:
        StreamError: no stream id, or another encoding than 8 kHz µ-law.
    """
    start = message.get("start")
    if not isinstance(start, dict):
        raise StreamError("start without content")
    media = start.get("mediaFormat") or {}
    if not isinstance(media, dict) or media.get("encoding", "audio/x-mulaw") != "audio/x-mulaw":
        raise StreamError("encoding must be audio/x-mulaw")
    if str(media.get("sampleRate", RATE)) != str(RATE):
        raise StreamError("sample rate must be 8000")
    sid = start.get("streamSid") or message.get("streamSid")
    if not isinstance(sid, str) or not sid:
        raise StreamError("no streamSid")
    given = start.get("customParameters") or {}
    custom = given if isinstance(given, dict) else {}
    return StreamStart(
        stream_sid=sid,
        call_sid=str(start.get("callSid") or ""),
        caller=_digits(custom.get("caller") or custom.get("From")),
        dialled=_digits(custom.get("dialled") or custom.get("To")) or dialled,
    )


def _digits(value: object) -> str:
    """``+8613800000000`` → ``13800000000``; "" for anything that is no number."""
    if not isinstance(value, str):
        return ""
    number = value.strip().removeprefix("+86").removeprefix("+")
    return number if number.isascii() and number.isdigit() and len(number) <= 20 else ""


class StreamWire(Wire):
    """One provider stream; it cannot be resumed."""

    def __init__(
        self, start: StreamStart, connection: Connection, options: WebSocketOptions, clock: Clock
    ) -> None:
        # Hanging up is closing the stream: the provider then goes on with its call script.
        self._serializer: Final = TwilioFrameSerializer(
            start.stream_sid,
            start.call_sid or None,
            params=TwilioFrameSerializer.InputParams(sample_rate=RATE, auto_hang_up=False),
        )
        playout = Playout(RATE, options.lead, PROVIDER_BUFFER)
        super().__init__(RATE, playout, clock, options.resume_within, self._serializer)
        self._start = start
        self._connection = connection
        self._epoch = 0

    @property
    def connected(self) -> bool:
        return not self.over

    async def answer(self) -> None:
        """The provider answered before it connected us."""

    async def serve(self) -> None:
        """Reads until the provider stops the stream or the call is over."""
        await self.started.wait()
        allowance = Allowance(rate=120.0, burst=300.0)
        while not self.over:
            data = await self._connection.receive()
            if data is None:
                await self.end("lost")
                return
            if not allowance.take(self.clock.monotonic()):
                continue
            try:
                await self._take(read_message(data), data)
            except StreamError as error:
                log.warning("ws.stream_message", reason=error.args[0])

    async def _take(self, message: dict[str, object], data: str | bytes) -> None:
        match message["event"]:
            case "stop":
                await self.end("caller")
            case "mark":
                self._take_mark(message.get("mark"))
            case "media" | "dtmf":
                try:
                    frame = await self._serializer.deserialize(data)
                except (ValueError, AttributeError, TypeError) as error:
                    raise StreamError("bad media") from error
                if frame is not None:
                    await self.hear(frame)
            case _:
                pass  # `connected` and events of a later protocol

    def _take_mark(self, mark: object) -> None:
        """A mark of an earlier epoch came back because of a ``clear``, not because it was heard."""
        name = mark.get("name") if isinstance(mark, dict) else None
        epoch, _, total = name.partition(":") if isinstance(name, str) else ("", "", "")
        if epoch == str(self._epoch) and total.isascii() and total.isdigit():
            self.playout.acknowledge(int(total), self.clock.monotonic())

    async def put_sound(self, pcm: bytes) -> None:
        data = await self._serializer.serialize(OutputAudioRawFrame(pcm, RATE, 1))
        if data is not None and await self._connection.send(data):
            name = f"{self._epoch}:{self.playout.sent()}"
            await self._connection.send(self._message("mark", {"name": name}))

    async def put_flush(self) -> None:
        self._epoch += 1
        data = await self._serializer.serialize(InterruptionFrame())
        if data is not None:
            await self._connection.send(data)

    async def put_end(self) -> None:
        await self._connection.close(CloseCode.ENDED)

    def _message(self, event: str, content: dict[str, str]) -> str:
        return json.dumps({"event": event, "streamSid": self._start.stream_sid, event: content})


async def serve_media_stream(
    connection: Connection, desk: Desk, options: WebSocketOptions, clock: Clock
) -> None:
    """Takes one provider connection from its first message to its end."""
    try:
        async with asyncio.timeout(options.start_within):
            start = await _wait_for_start(connection, options.dialled)
    except TimeoutError:
        await connection.close(CloseCode.NO_START, "no start")
        return
    except StreamError as error:
        await connection.close(CloseCode.TOO_MANY_ERRORS, error.args[0])
        return
    if start is None:
        return
    if desk.is_full():
        await connection.close(CloseCode.BUSY, "all lines are busy")
        return
    wire = StreamWire(start, connection, options, clock)
    desk.start(LineInfo(desk.new_id(), start.caller, start.dialled, "phone", RATE), wire)
    await wire.serve()


async def _wait_for_start(connection: Connection, dialled: str) -> StreamStart | None:
    while (data := await connection.receive()) is not None:
        message = read_message(data)
        if message["event"] == "start":
            return read_start(message, dialled)
        if message["event"] != "connected":
            raise StreamError("first event must be connected or start")
    return None
