"""A SIP leg as a `PipecatLine`: what the stack reports becomes events of the line."""

import structlog
from baresip import Call
from baresip.events import Event, StackEvent

from voicebot.adapters.pipecat_line import PipecatLine
from voicebot.adapters.sip.digits import DigitGate
from voicebot.adapters.sip.failures import hung_up_reason
from voicebot.adapters.sip.inband import InbandDigits
from voicebot.adapters.sip.leg import SipLeg
from voicebot.adapters.sip.transport import SipTransport
from voicebot.calls.ports import DigitIn, LineInfo
from voicebot.core.clock import Clock

log = structlog.get_logger()


def sip_line(leg: SipLeg, info: LineInfo, clock: Clock, *, inband: bool) -> PipecatLine:
    """The line of a call; not opened yet.

    Args:
        inband: also look for touch tones in the sound.
    """
    gate = DigitGate()
    tones = InbandDigits() if inband else None
    call: Call = leg.call

    def on_sound(pcm: bytes, at: float) -> None:
        for key in tones.feed(pcm) if tones is not None else ():
            digit(gate.inband(key, at))

    def digit(key: str | None) -> None:
        if key is not None:
            line.post(DigitIn(key))

    def on_event(event: StackEvent) -> None:
        match event.event:
            case Event.CALL_HOLD:
                line.held(True)
            case Event.CALL_RESUME:
                line.held(False)
            case Event.CALL_DTMF_START:
                # The start, not the end: it comes sooner, and the packets of the end may be lost.
                digit(gate.native(event.text or "", clock.monotonic()))
            case Event.CALL_CLOSED:
                log.info("sip.closed", call_id=info.call_id, why=event.text)
                line.gone(hung_up_reason(event.text))
            case _:
                pass

    transport = SipTransport(leg, clock, lambda: call.remote_on_hold, on_sound)
    line = PipecatLine(info, transport, leg, clock)
    call.on(on_event)
    if leg.closed:  # over before we could listen, so nobody will tell us
        line.gone("caller")
    return line
