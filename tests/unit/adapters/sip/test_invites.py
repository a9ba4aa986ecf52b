"""What the SIP trace tells of an INVITE."""

import asyncio
import logging

from hypothesis import given
from hypothesis import strategies as st

from voicebot.adapters.sip.invites import KEPT, Invite, InviteWatch, parse_trace

HEAD = "RX UDP 10.1.2.3:5060 -> 10.0.0.1:5060\n"
INVITE = (
    "INVITE sip:12345@10.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.2.3\r\n{id}: c1\r\n{more}"
    "Content-Type: application/sdp\r\n\r\nv=0\r\nm=audio 4000 RTP/AVP 8 101\r\n{event}"
)
EVENT = "a=rtpmap:101 telephone-event/8000\r\n"


def trace(call_id: str = "c1", event: str = EVENT) -> str:
    return HEAD + INVITE.format(id="Call-ID", more="", event=event).replace("c1", call_id)


def test_an_invite() -> None:
    assert parse_trace(trace()) == Invite("c1", "10.1.2.3", "sip:12345@10.0.0.1", "", True, True)


def test_other_spellings() -> None:
    text = HEAD.replace("UDP", "TCP") + INVITE.format(id="i", more="Privacy: id\r\n", event="")
    assert parse_trace(text) == Invite("c1", "10.1.2.3", "sip:12345@10.0.0.1", "id", True, False)
    late = parse_trace(HEAD + "INVITE sip:1@x SIP/2.0\r\nCALL-ID : c2\r\n\r\n")
    assert late == Invite("c2", "10.1.2.3", "sip:1@x", "", False, False)


def test_what_is_no_invite_of_ours() -> None:
    assert parse_trace(trace().replace("RX ", "TX ")) is None
    assert parse_trace(HEAD + "BYE sip:1@x SIP/2.0\r\nCall-ID: c1\r\n\r\n") is None
    assert parse_trace(HEAD + "INVITE sip:1@x SIP/2.0\r\n\r\nCall-ID: body\r\n") is None
    assert parse_trace("") is None


def test_a_name_that_looks_like_the_trace_does_not_fool_it() -> None:
    text = (
        HEAD
        + "OPTIONS sip:x SIP/2.0\r\nSubject: RX UDP 9.9.9.9:1 -> x\nINVITE sip:1@x SIP/2.0\r\nCall-ID: c\r\n"
    )
    assert parse_trace(text) is None


@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    parse_trace(text)
    parse_trace(HEAD + text)
    parse_trace(HEAD + "INVITE " + text)


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord(InviteWatch.LOGGER, logging.DEBUG, __file__, 1, "%s", (text,), None)


async def test_known_before_and_after_it_is_asked_for() -> None:
    watch = InviteWatch()
    watch.install()
    try:
        watch.emit(record(trace("early")))
        early = await watch.invite("early")
        assert early is not None
        assert early.call_id == "early"
        asking = asyncio.create_task(watch.invite("late", timeout=5))
        await asyncio.sleep(0)
        await asyncio.to_thread(watch.emit, record(trace("late")))
        late = await asking
        assert late is not None
        assert late.call_id == "late"
        assert await watch.invite("never", timeout=0.01) is None
    finally:
        watch.uninstall()


async def test_a_re_invite_does_not_replace_the_facts_and_a_flood_is_bounded() -> None:
    watch = InviteWatch()
    watch.emit(record(trace("a")))
    watch.emit(record(trace("a", event="")))
    kept = await watch.invite("a", timeout=0)
    assert kept is not None
    assert kept.telephone_event
    for number in range(KEPT + 10):
        watch.emit(record(trace(f"n{number}x")))
    assert await watch.invite("n0x", timeout=0) is None
    assert await watch.invite(f"n{KEPT + 9}x", timeout=0) is not None
