"""Tunables of a call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from voicebot.speech.ports import VoiceSettings
from voicebot.turns.options import TurnOptions


@dataclass(frozen=True, slots=True)
class CallOptions:
    """Durations in seconds.

    Args:
        recognition: longest wait for a transcript once the caller has finished.
        desk: longest wait for the ticket desk.
        notify: longest wait for a message that a flow waits for.
        known: longest wait, before the greeting, to learn whether the caller has called lately.
        filler_after: silence of ours, when it is our turn, until a filler is said.
        filler_again: silence after a filler until the next one.
        fillers: what is said to bridge the wait, in order; the last one repeats.
        broken: what is said when the call itself broke and must end.
        longest: a call is closed after this, with the words `too_long`; less than `sip.max_duration`,
            which cuts it off.
        too_long: what is said then.
        breath: speech without the shortest pause that is no person's any more, but music or noise.
        place_changed: least time between two announcements of the place in the queue, when it has changed.
        place_again: the same when it has not.
        synthesis: longest wait for a clause of ours to be made; half of it is bridged by `waiting`.
        waiting: said while the voice is slow; must be short.
        unspoken: said when what we had to say could not be made.
        preroll: sound kept from before the detector noticed speech.
        resume_false_stop: after a stop that was no turn, go on where we were cut off.
    """

    recognition: float = 6.0
    desk: float = 5.0
    notify: float = 4.0
    known: float = 0.2
    filler_after: float = 1.2
    filler_again: float = 1.4
    fillers: tuple[str, ...] = ("好的，我查一下。", "还在查，请稍等。")
    broken: str = "很抱歉，系统出现故障，请您稍后再拨。"
    longest: float = 7170.0
    too_long: str = "通话时间太长，先到这里。需要时请您再拨，再见。"
    breath: float = 15.0
    place_changed: float = 15.0
    place_again: float = 40.0
    synthesis: float = 3.0
    waiting: str = "请稍等。"
    unspoken: str = "抱歉，刚才的话没能播出来。请您再说一遍，或者按0转人工。"
    preroll: float = 0.4
    resume_false_stop: bool = True
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    turns: TurnOptions = field(default_factory=TurnOptions)

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of these that are spoken, to be rendered ahead."""
        return (*self.fillers, self.broken, self.too_long, self.waiting, self.unspoken)


@dataclass(frozen=True, slots=True)
class SeatOptions:
    """Where people are reached.

    Args:
        seats: queue name → SIP URI; the key ``*`` serves every other queue, ``外语/en`` those of a
            queue who speak a language, ``综合/手语`` those who have a skill.
        emergency: ``110`` … → SIP URI of the emergency line; without one the queue 紧急 is rung.
        ring: seconds to let it ring.
        release: send the caller there by REFER where the line can, instead of bridging.
        connect: seconds that the page of a seat has to bring sound, once the seat has accepted; then the
            caller is offered to another one.
        silent: a seat that sends no sound at all, not even silence, for so long after it answered is gone.
        numbers: other hotlines and offices a flow may give a call to, number → SIP URI, e.g. ``12333``.
    """

    seats: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    emergency: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ring: float = 20.0
    release: bool = False
    connect: float = 10.0
    silent: float = 5.0
    numbers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class AdmissionOptions:
    """When a call is taken in full; further ones are told so and offered a call back.

    Args:
        max_calls: calls at once, whatever the load.
        load: share of the time of recognition that all calls together may take; how much one takes is
            learned from the calls that there are.
        first_guess: that share of one call until it is learned.
        max_backlog: seconds of recognition work that may wait at the moment a call comes.
        kept_free: share of the calls at once that those have for themselves who call us; we ring nobody
            while more than the rest is taken.
    """

    max_calls: int = 40
    load: float = 0.7
    first_guess: float = 0.04
    max_backlog: float = 1.0
    kept_free: float = 0.5


@dataclass(frozen=True, slots=True)
class OutboundOptions:
    """Calls that we make (回访, 回电). They need a way out, `sip.outbound`.

    Args:
        most: at once, by this process; 0 makes none.
        ring: seconds to let it ring.
    """

    most: int = 4
    ring: float = 35.0
