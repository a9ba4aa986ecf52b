"""Somebody calls, speaks Mandarin and is helped: an answer, a ticket, a person."""

import difflib
import re
from pathlib import Path

import pytest

from tests.integration.e2e.caller import Caller, Tape, alike, calling
from tests.peers.hotline import Hotline, eventually, told
from tests.peers.softphone import Softphone, needs_pjsip
from tests.peers.voices import caller_voice, needs_caller_voice

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240), needs_pjsip, needs_caller_voice]

QUESTION = "社保卡丢了怎么补办"
ANSWER_WORDS = ("12333", "一二三", "挂失", "发卡", "银行", "身份证", "网点", "补卡")
"""Of article KB001; a recogniser of phone sound does not catch all of them."""

LAMP = ("我们小区门口的路灯不亮了", "人民路，小学门口", "昨天晚上", "没错，是这样的")
"""The complaint, then what the flow asks for: where, when, and whether it was noted well."""

DIGITS = str.maketrans("零幺一二三四五六七八九摇腰", "0112345678911")
"""How digits are read on the telephone, and how 幺 is heard."""

HUMAN = "转人工"
TO_SEAT = "我们小区门口的路灯不亮了"
FROM_SEAT = "您好，这里是人工服务，请问有什么可以帮您"


@pytest.mark.soak  # asked and answered in test_worker_life.py and test_e2e_phone.py too
async def test_a_question_is_answered(running_hotline: Hotline, tmp_path: Path) -> None:
    async with calling(running_hotline, tmp_path, "13800138001", QUESTION) as caller:
        answer = await caller.ask(QUESTION)
        await caller.hang_up()
    async with running_hotline.api() as api:
        call = await api.ended_call("13800138001")
    turn = next(turn for turn in call["turns"] if turn["transcript"])
    assert (turn["action"], turn["article"]) == ("answer", "KB001"), told(call)
    assert (call["channel"], call["dialled"]) == ("phone", "12345")
    said = await running_hotline.recognise(answer)
    assert sum(word in said for word in ANSWER_WORDS) >= 2, said


async def test_a_broken_street_lamp_becomes_a_ticket(running_hotline: Hotline, tmp_path: Path) -> None:
    async with calling(running_hotline, tmp_path, "13800138002", *LAMP) as caller:
        for sentence in LAMP:
            spoken = await caller.ask(sentence)
        await caller.hang_up()
    async with running_hotline.api() as api:
        call = await api.ended_call("13800138002")
        turn = next((turn for turn in call["turns"] if turn["action"] == "ticket_created"), None)
        assert turn is not None, told(call)
        ticket = await api.get(f"/api/v1/tickets/{turn['ticket_no']}")
    assert re.fullmatch(r"\d{14}", turn["ticket_no"])
    assert "路灯" in ticket["title"], ticket
    row = running_hotline.ticket(turn["ticket_no"])
    assert "人民路" in row["address"], row
    assert "路灯" in row["content"], row
    assert row["object"], row
    assert row["call_id"] == call["call_id"]
    assert turn["ticket_no"] in turn["heard"].translate(DIGITS).replace("、", ""), told(call)
    digits = re.sub(r"\D", "", (await running_hotline.recognise(spoken)).translate(DIGITS))
    blocks = difflib.SequenceMatcher(None, turn["ticket_no"], digits, autojunk=False).get_matching_blocks()
    assert sum(block.size for block in blocks) >= 10, f"{digits} spoken for {turn['ticket_no']}"


async def talk_with_seat(hotline: Hotline, caller: Caller, seat: Softphone, folder: Path) -> None:
    """The seat takes the call; each hears the other; the seat hangs up and the hotline is back."""
    await seat.rings(30)
    tape = Tape(folder / "tape-seat.wav")
    await seat.answer(play=caller_voice(FROM_SEAT), record=tape.path)
    await seat.wait_for("CONFIRMED")
    await eventually(lambda: tape.samples > 0)
    heard = await hotline.recognise(await caller.listen())
    assert "人工" in heard or "服务" in heard or "帮" in heard, f"the caller hears the seat: {heard}"
    await caller.say(TO_SEAT)
    await eventually(lambda: tape.finished(0, least=1.0))
    heard = await hotline.recognise(tape.pcm())
    assert alike(heard, TO_SEAT) > 0.5, f"the seat hears the caller: {heard}"
    await seat.hang_up()
    await seat.wait_for("DISCONNECTED")
    again = await hotline.recognise(await caller.listen())
    assert "还有" in again or "问题" in again or "别的" in again, f"the hotline is back: {again}"


@pytest.mark.soak  # sip/test_softphone.py joins both; tests/browser/seats has whole talks
async def test_asking_for_a_person_rings_the_seat(running_hotline: Hotline, tmp_path: Path) -> None:
    async with (
        Softphone(port=running_hotline.seat_port) as seat,
        calling(running_hotline, tmp_path, "13800138003", HUMAN, TO_SEAT, FROM_SEAT) as caller,
    ):
        await caller.say(HUMAN)
        await talk_with_seat(running_hotline, caller, seat, tmp_path)
        await caller.hang_up()
    async with running_hotline.api() as api:
        call = await api.ended_call("13800138003")
    assert "transfer_human" in [turn["action"] for turn in call["turns"]], told(call)


async def test_key_0_rings_the_seat(running_hotline: Hotline, tmp_path: Path) -> None:
    async with (
        Softphone(port=running_hotline.seat_port) as seat,
        calling(running_hotline, tmp_path, "13800138004") as caller,
    ):
        await caller.press("0")
        await seat.rings(30)
        await caller.hang_up()  # while it rings: the seat must not ring on
        await seat.wait_for("DISCONNECTED")
    async with running_hotline.api() as api:
        call = await api.ended_call("13800138004")
    assert [turn["keys"] for turn in call["turns"]] == ["", "0"], told(call)
    assert call["turns"][1]["action"] == "transfer_human", told(call)


async def test_a_seat_that_does_not_answer_leads_to_a_call_back(
    running_hotline: Hotline, tmp_path: Path
) -> None:
    async with (
        Softphone(port=running_hotline.seat_port) as seat,
        calling(running_hotline, tmp_path, "13800138005") as caller,
    ):
        await caller.press("0")
        await seat.rings(30)
        await seat.wait_for("DISCONNECTED", 30)
        said = await running_hotline.recognise(await caller.listen())
        await caller.hang_up()
    async with running_hotline.api() as api:
        call = await api.ended_call("13800138005")
    turn = next((turn for turn in call["turns"] if turn["action"] == "callback"), None)
    assert turn is not None, told(call)
    assert "人工现在没有接通" in turn["heard"], told(call)
    row = running_hotline.ticket(turn["ticket_no"])
    assert row["callback_only"], row
    assert row["phone_mask"] == "138****8005", row
    assert "回" in said or "登记" in said, said
