"""Settings of calls over WebSocket."""

from dataclasses import dataclass

from voicebot.calls.ports import LEAD


@dataclass(frozen=True, slots=True)
class WebSocketOptions:
    """How calls over WebSocket behave. Times in seconds.

    Args:
        dialled: number a web caller is taken to have dialled.
        max_calls: calls at once; the next one is told that all lines are busy.
        start_within: a connection must say ``start`` by then.
        resume_within: a dropped connection may come back to its call so long.
        max_seconds: longest call.
        client_buffer: what a client's jitter buffer holds.
        lead: sound ahead of the listener's timeline.
        send_timeout: a client that takes nothing for so long is treated as dropped.
        max_errors: bad messages of one connection until it is closed.
    """

    dialled: str = "12345"
    max_calls: int = 50
    start_within: float = 10.0
    resume_within: float = 10.0
    max_seconds: float = 7200.0
    client_buffer: float = 0.08
    lead: float = LEAD
    send_timeout: float = 5.0
    max_errors: int = 50
