"""Ringing somebody, until they answer or we know why not."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Final

import baresip
import structlog
from baresip import Call
from baresip.events import StackEvent

from voicebot.adapters.sip.failures import dial_outcome, stack_failed
from voicebot.adapters.sip.leg import SipLeg
from voicebot.adapters.sip.stack import Stack, replay
from voicebot.calls.ports import Unanswered

log = structlog.get_logger()

Spawn = Callable[[Coroutine[None, None, None], str], object]
"""Runs work that must end even when the one who dialled is gone."""

_TARGET: Final = re.compile(r"sips?:[^\s<>\"]+")
_TRANSPORT: Final = re.compile(r"(?i);transport=tcp\b")


async def ring(
    stack: Stack, target: str, headers: Mapping[str, str], timeout: float, spawn: Spawn
) -> SipLeg | Unanswered:
    """An answered leg, or the outcome. When the caller is cancelled, the far end stops ringing.

    Args:
        target: SIP URI; what is none gives FAILED.
        headers: of the INVITE, beside the usual ones.
        timeout: seconds to let it ring.

    Raises:
        VoicebotError: ``sip.dead``, ``sip.stack``.
    """
    if not _TARGET.fullmatch(target):
        log.error("sip.target", target=target, remedy="give a SIP URI such as sip:8001@10.0.0.5")
        return Unanswered.FAILED
    starting = asyncio.create_task(
        stack.dial(target, dict(headers), tcp=bool(_TRANSPORT.search(target))), name="sip dial"
    )
    try:
        call, early = await asyncio.shield(starting)
    except asyncio.CancelledError:
        spawn(_give_up(starting), "sip give up")
        raise
    except (baresip.BaresipError, ValueError) as failed:
        log.warning("sip.dial_failed", target=target, error=str(failed))
        return Unanswered.FAILED
    leg = SipLeg(call)
    replay(call, early)
    try:
        await call.wait_established(timeout)
    except baresip.CallFailed as failed:
        log.info("sip.dial_unanswered", target=target, error=str(failed))
        return dial_outcome(failed)
    except baresip.BaresipError as failed:
        raise stack_failed(failed) from failed
    except asyncio.CancelledError:
        spawn(leg.give_up(), "sip give up")
        raise
    return leg


async def _give_up(starting: asyncio.Task[tuple[Call, list[StackEvent]]]) -> None:
    """Ends a call whose INVITE was still on its way when nobody wanted it any more."""
    try:
        call, early = await starting
    except (baresip.BaresipError, ValueError):
        return
    leg = SipLeg(call)
    replay(call, early)
    await leg.give_up()
