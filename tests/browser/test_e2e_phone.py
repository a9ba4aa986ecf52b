"""The phone page against the whole hotline: spoken Mandarin in, an answer, a ticket, a person out."""

import asyncio
import base64
import wave
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.browser.conftest import Launch
from tests.browser.test_phone_page import EAR, MICROPHONE, PHONE
from tests.integration.e2e.caller import Tape, alike
from tests.peers.hotline import Hotline, eventually, told
from tests.peers.softphone import Softphone, needs_pjsip
from tests.peers.voices import caller_voice, needs_caller_voice

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180), needs_caller_voice]

RATE: Final = 48_000
QUESTION: Final = "社保卡丢了怎么补办"
LAMP: Final = {
    "什么事": "我们小区门口的路灯不亮了",
    "什么地方": "人民路，小学门口",
    "什么时候": "昨天晚上",
}
"""What is asked for, and what is typed; a browser has no number, so that is asked for and keyed in."""
NUMBER: Final = "13800138009"
YES: Final = "没错，是这样的"
HUMAN: Final = "转人工"
TO_SEAT: Final = "我们小区门口的路灯不亮了"
FROM_SEAT: Final = "您好，这里是人工服务，请问有什么可以帮您"
GREETED_WITHIN: Final = 9.0
"""Seconds from the click to the end of the greeting; then the microphone's file speaks."""
PATIENCE: Final = 40_000
"""ms for whatever the hotline says next: a busy machine is slow."""


async def phone_page(page: Page, hotline: Hotline) -> None:
    """The page is open and in a call, the greeting has been said."""
    await page.add_init_script(EAR)
    await page.goto(f"{hotline.url}/call")
    await page.get_by_role("button", name="打电话").click()
    await expect(page.locator("#captions")).to_contain_text("请问您要办什么事", timeout=PATIENCE)


async def say(page: Page, text: str) -> None:
    """Speaks once we have the floor."""
    await expect(page.get_by_role("status")).to_have_text("请讲", timeout=PATIENCE)
    wav = base64.b64encode(caller_voice(text, RATE).read_bytes()).decode()
    await page.evaluate("(wav) => speak(wav)", wav)


async def write(page: Page, text: str) -> None:
    """Types, whether or not somebody is speaking."""
    if not await page.get_by_label("打字代替说话").is_visible():
        await page.get_by_role("button", name="打字").click()
    await page.get_by_label("打字代替说话").fill(text)
    await page.get_by_role("button", name="发送").click()


async def ended_web_call(hotline: Hotline, page: Page) -> dict[str, Any]:
    """Hangs up; the call as it was recorded."""
    await page.get_by_role("button", name="挂断").click()
    await hotline.until_idle()
    async with hotline.api() as api:
        newest = await api.newest_call("web")
        assert newest is not None
        return dict(await api.get(f"/api/v1/calls/{newest['call_id']}"))


def spoken_after(seconds: float, text: str, path: Path) -> Path:
    """A file for Chromium's fake microphone: silence, then the words, then silence."""
    with wave.open(str(caller_voice(text, RATE))) as words, wave.open(str(path), "wb") as out:
        out.setparams(words.getparams())
        out.writeframes(bytes(2 * round(seconds * RATE)))
        out.writeframes(words.readframes(words.getnframes()))
        out.writeframes(bytes(2 * 60 * RATE))
    return path


async def test_a_question_into_the_microphone_is_answered(
    launch: Launch, running_hotline: Hotline, tmp_path: Path
) -> None:
    file = await asyncio.to_thread(spoken_after, GREETED_WITHIN, QUESTION, tmp_path / "microphone.wav")
    async with launch(more=(f"--use-file-for-fake-audio-capture={file}%noloop",)) as browser:
        page = await browser.new_page(viewport=PHONE, locale="zh-CN")
        await phone_page(page, running_hotline)
        await expect(page.locator("#captions li.caller")).to_have_count(1, timeout=PATIENCE)
        await expect(page.locator("#captions")).to_contain_text("补卡", timeout=PATIENCE)
        assert (await page.evaluate("once((now) => now.db > -60)"))["db"] > -60
        call = await ended_web_call(running_hotline, page)
    (turn,) = [turn for turn in call["turns"] if turn["transcript"]]
    assert (turn["action"], turn["article"]) == ("answer", "KB001"), told(call)
    assert turn["heard"], told(call)


async def test_a_broken_street_lamp_that_is_typed_becomes_a_ticket(
    launch: Launch, running_hotline: Hotline
) -> None:
    async with launch() as browser:
        page = await browser.new_page(viewport=ViewportSize(width=1280, height=800), locale="zh-CN")
        await phone_page(page, running_hotline)
        for asked, sentence in LAMP.items():
            await expect(page.locator("#captions li").last).to_contain_text(asked, timeout=PATIENCE)
            await write(page, sentence)
        await expect(page.locator("#captions li").last).to_contain_text("电话", timeout=PATIENCE)
        await page.get_by_role("button", name="键盘").click()
        for key in f"{NUMBER}#":
            await page.locator("#keys button", has_text=key).first.click()
        await expect(page.locator("#captions")).to_contain_text(NUMBER, timeout=PATIENCE)
        await write(page, YES)
        await expect(page.locator("#captions")).to_contain_text("工单号", timeout=PATIENCE)
        call = await ended_web_call(running_hotline, page)
    turns = [turn for turn in call["turns"] if turn["ticket_no"]]
    assert turns, told(call)
    row = running_hotline.ticket(turns[0]["ticket_no"])
    assert "人民路" in row["address"], row
    assert row["object"], row
    assert row["channel"] == "web", row


@pytest.mark.soak  # tests/browser/seats has whole talks with seats in the browser
@needs_pjsip
async def test_asking_for_a_person_rings_the_seat(
    launch: Launch, running_hotline: Hotline, tmp_path: Path
) -> None:
    for sentence in (HUMAN, TO_SEAT):
        await asyncio.to_thread(caller_voice, sentence, RATE)
    seat_voice = await asyncio.to_thread(caller_voice, FROM_SEAT)
    async with Softphone(port=running_hotline.seat_port) as seat, launch() as browser:
        page = await browser.new_page(viewport=PHONE, locale="zh-CN")
        await page.add_init_script(MICROPHONE)
        await phone_page(page, running_hotline)
        await say(page, HUMAN)
        await seat.rings(40)
        tape = Tape(tmp_path / "tape-seat.wav")
        await seat.answer(play=seat_voice, record=tape.path)
        await seat.wait_for("CONFIRMED")
        assert (await page.evaluate("once((now) => now.db > -60)"))["db"] > -60, "the caller hears the seat"
        wav = base64.b64encode(caller_voice(TO_SEAT, RATE).read_bytes()).decode()
        await page.evaluate("(wav) => speak(wav)", wav)
        await eventually(lambda: tape.finished(0, least=1.0))
        heard = await running_hotline.recognise(tape.pcm())
        assert alike(heard, TO_SEAT) > 0.5, f"the seat hears the caller: {heard}"
        await seat.hang_up()
        await expect(page.locator("#captions li").last).to_contain_text("？", timeout=PATIENCE)
        call = await ended_web_call(running_hotline, page)
    assert "transfer_human" in [turn["action"] for turn in call["turns"]], told(call)
