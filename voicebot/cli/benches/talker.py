"""A scripted caller as a state machine: when it speaks, and what it hears. Pure; times are seconds."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

SPEECH_SHARE: Final = 0.35
"""Of the time that the caller speaks; to hold it, long answers are broken into."""
GREETING_WITHIN: Final = 10.0
REPLY_WITHIN: Final = 10.0
TAIL: Final = 0.7
"""Silence of ours after which it is the caller's turn."""
AFTER: Final = 1.5
"""Seconds of our reply that the caller hears out before breaking in."""
APART: Final = 0.2
"""Silence that parts what we said before from the reply."""
STEP: Final = 0.02
PACKET: Final = 160
"""Bytes of A-law in a packet."""


class Kind(StrEnum):
    """What a turn is; places, times and names are dictated and reported apart."""

    ANSWER = "answer"
    DICTATION = "dictation"


@dataclass(frozen=True, slots=True)
class Speech:
    """An utterance ready for the wire.

    Args:
        sound: A-law at 8 kHz, whole packets.
        began, ended: seconds from its start to the first and last speech.
        interrupts: may be said into our voice (a bare 对 would be taken for a backchannel).
    """

    text: str
    sound: bytes
    began: float
    ended: float
    kind: Kind = Kind.ANSWER
    interrupts: bool = True


@dataclass(slots=True)
class Turn:
    """What came of an utterance.

    Args:
        began, ended: when its speech was sent.
        replied: our first sound after it; None when there was none.
        cut_in: we began before the caller had finished.
        not_yielded: we were still speaking when the caller had finished.
        over: nothing more can come of it: the reply came, or the caller waited long enough.
    """

    speech: Speech
    began: float
    ended: float
    interrupted: bool = False
    replied: float | None = None
    cut_in: bool = False
    not_yielded: bool = False
    over: bool = False

    @property
    def waited(self) -> float | None:
        """Seconds from the end of speech to our reply; None where that says nothing."""
        if self.cut_in or self.not_yielded:
            return None
        if self.replied is not None:
            return self.replied - self.ended
        return REPLY_WITHIN if self.over else None


@dataclass(slots=True)
class Talker:
    """Fed with each packet heard and asked for each packet to send.

    Args:
        lines: what it says, without end.
        joined: when the call was taken.
    """

    lines: Iterator[Speech]
    joined: float
    turns: list[Turn] = field(default_factory=list)
    _saying: Speech | None = None
    _at: int = 0
    _next: Speech | None = None
    _voice: float | None = None
    _spoken: float = 0.0

    def heard(self, at: float, voice: bool) -> None:
        """A packet of ours came in; `voice`: it is not silent."""
        if not voice:
            return
        before, self._voice = self._voice, at
        turn = self.turns[-1] if self.turns else None
        if turn is None or turn.over or at < turn.began:
            return
        fresh = before is None or at - before >= APART
        if at < turn.ended:
            turn.cut_in |= fresh
        else:
            # Told by our previous packet: one that is still of what we said before is no reply.
            turn.not_yielded = not fresh and not turn.cut_in
            turn.replied, turn.over = at, True

    def packet(self, at: float) -> bytes | None:
        """A-law to send at that time; None for silence."""
        if self._saying is None and self._may_speak(at):
            self._begin(at)
        if self._saying is None:
            return None
        start = self._at * PACKET
        self._at += 1
        sound = self._saying.sound[start : start + PACKET]
        if start + PACKET >= len(self._saying.sound):
            self._saying = None
        return sound

    def _begin(self, at: float) -> None:
        speech, self._next = self._next or next(self.lines), None
        talking = self._voice is not None and at - self._voice < APART
        self._saying, self._at = speech, 0
        self._spoken += speech.ended - speech.began
        self.turns.append(Turn(speech, at + speech.began, at + speech.ended, interrupted=talking))

    def _may_speak(self, at: float) -> bool:
        if not self.turns:
            if self._voice is None:
                return at - self.joined > GREETING_WITHIN
            return at - self._voice > TAIL
        turn = self.turns[-1]
        if not turn.over:
            turn.over = at > turn.ended + REPLY_WITHIN
            return turn.over
        if self._voice is None or at - self._voice > TAIL:
            return True
        if self._next is None:
            self._next = next(self.lines)
        listened = turn.replied is not None and at - turn.replied > AFTER
        return self._next.interrupts and listened and self.share(at) < SPEECH_SHARE

    def share(self, at: float) -> float:
        """Of the time since the first utterance, how much was speech of the caller."""
        since = self.turns[0].began if self.turns else at
        return self._spoken / max(at - since, STEP)
