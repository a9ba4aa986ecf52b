"""The stack's exceptions and close reasons in our words."""

from typing import Final

import baresip

from voicebot.calls.ports import Unanswered
from voicebot.core.errors import VoicebotError

_GONE: Final = {
    "rtp stream error": "rtp_timeout",
    "Call transfered": "transferred",  # the stack's spelling
    "Connection reset by peer [104]": "caller",  # how it words BYE and CANCEL
}


def hung_up_reason(close_text: str | None) -> str:
    """`HungUp.reason` for the text of CALL_CLOSED; ``lost`` for what is neither BYE nor a timer."""
    return _GONE.get(close_text or "", "lost")


def start_failed(error: baresip.BaresipError, address: str) -> VoicebotError:
    """Why the stack did not start, with the remedy."""
    if "Address already in use" in str(error):
        return VoicebotError(
            "sip.address_in_use",
            f"{address} is in use by another process; stop it or set sip.listen to a free port",
        )
    if "Cannot assign requested address" in str(error) or "no local address" in str(error).lower():
        return VoicebotError(
            "sip.no_such_address",
            f"{address} is no address of this machine; set sip.listen or sip.net_interface to one that is",
        )
    return VoicebotError("sip.start", f"the SIP stack did not start on {address}: {error}")


def stack_failed(error: baresip.BaresipError) -> VoicebotError:
    """A command that failed while the trunk runs."""
    if isinstance(error, baresip.RuntimeDead):
        return VoicebotError("sip.dead", f"the SIP stack died, the process must be restarted: {error}")
    return VoicebotError("sip.stack", str(error), retryable=True)


_NO_SUCH_NUMBER: Final = (404, 410, 484, 604)


def dial_outcome(error: baresip.BaresipError) -> Unanswered:
    """Why nobody took an outgoing call (RFC 3261 §21.4)."""
    match error:
        case baresip.CallTimeout():
            return Unanswered.NO_ANSWER
        case baresip.CallDeclined():
            return Unanswered.REFUSED
        case baresip.CallBusy():
            return Unanswered.BUSY
        case baresip.CallFailed() if error.status == 600:
            return Unanswered.BUSY
        case baresip.CallFailed() if error.status in (408, 480, 487):
            return Unanswered.NO_ANSWER
        case baresip.CallFailed() if error.status in _NO_SUCH_NUMBER:
            return Unanswered.UNREACHABLE
        case _:
            return Unanswered.FAILED
