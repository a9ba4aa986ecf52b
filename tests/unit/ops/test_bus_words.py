"""Subjects and mailboxes."""

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.virtual_time import on_virtual_time
from voicebot.adapters.bus import BusStatusReader, InProcessBus, serve_status
from voicebot.adapters.bus.mailbox import Mailbox
from voicebot.adapters.bus.subjects import matches
from voicebot.operations.ports import PartStatus

WORDS = st.lists(st.sampled_from(["a", "b", "call"]), min_size=1, max_size=4).map(".".join)
PATTERNS = st.lists(st.sampled_from(["a", "b", "call", "*"]), min_size=1, max_size=4).map(".".join)


@given(PATTERNS, st.booleans(), WORDS)
def test_patterns_mean_what_their_regular_expression_means(pattern: str, tail: bool, subject: str) -> None:
    expression = pattern.replace(".", r"\.").replace("*", "[^.]+") + (r"\..+" if tail else "")
    whole = pattern + ".>" if tail else pattern
    assert matches(whole, subject) == bool(re.fullmatch(expression, subject))


@given(st.lists(st.integers(0, 999)), st.integers(1, 20))
def test_a_mailbox_keeps_the_newest(numbers: list[int], capacity: int) -> None:
    async def main() -> None:
        mailbox = Mailbox(capacity)
        for number in numbers:
            mailbox.put("n", str(number).encode())
        mailbox.close()
        mailbox.put("n", b"after the end")
        kept = []
        while (message := await mailbox.get()) is not None:
            kept.append(int(message[1]))
        assert kept == numbers[-capacity:]
        assert mailbox.lost == max(0, len(numbers) - capacity)

    asyncio.run(main())


@on_virtual_time
async def test_status_of_every_part() -> None:
    bus = InProcessBus()

    async def hangs(_body: bytes) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError

    async def garbled(_body: bytes) -> bytes:
        return b"[]"

    await serve_status(bus, "line", lambda: PartStatus("line", True, "Whisper-base"))
    await bus.serve("status.web", hangs)
    await bus.serve("status.recognition", garbled)
    before = asyncio.get_running_loop().time()
    assert await BusStatusReader(bus).parts() == [
        PartStatus("line", True, "Whisper-base"),
        PartStatus("web", False, "没有应答"),
        PartStatus("recognition", False, "应答无法识别"),
        PartStatus("synthesis", False, "没有应答"),
    ]
    assert asyncio.get_running_loop().time() - before == pytest.approx(1.0)
    await bus.close()
