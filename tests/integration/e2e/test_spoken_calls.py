"""Somebody calls, speaks Mandarin and is helped: an answer, a ticket, a person."""

import re
from pathlib import Path

import pytest

from tests.integration.e2e.caller import calling
from tests.peers.hotline import Hotline
from tests.peers.softphone import needs_pjsip
from tests.peers.voices import needs_caller_voice

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180), needs_pjsip, needs_caller_voice]

ANSWER_WORDS = ("12333", "一二三", "挂失", "发卡", "银行", "身份证", "网点", "补卡")
"""Of article KB001; a recogniser of phone sound does not catch all of them."""


async def test_a_question_is_answered(running_hotline: Hotline, tmp_path: Path) -> None:
    async with calling(running_hotline, tmp_path, "13800138001") as caller:
        answer = await caller.ask("社保卡丢了怎么补办")
        await caller.hang_up()
    said = await running_hotline.recognise(answer)
    found = [word for word in ANSWER_WORDS if word in said]
    assert len(found) >= 2, said
    async with running_hotline.api() as api:
        call = await api.ended_call("13800138001")
    turn = call["turns"][1]
    assert (turn["action"], turn["article"]) == ("answer", "KB001"), call
    assert call["channel"] == "sip"
    assert call["dialled"] == "12345"
