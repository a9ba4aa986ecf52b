"""Two people at seats in real browsers, callers on real telephones: everything a talk may go through."""

import asyncio
import base64
import contextlib
import difflib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Launch
from tests.browser.test_phone_page import EAR, MICROPHONE
from tests.browser.town import Town
from tests.integration.e2e.caller import PATIENCE, Caller, Tape, alike, calling
from tests.integration.e2e.caller import RATE as PHONE_RATE
from tests.peers.hotline import PASSWORD, eventually, told
from tests.peers.softphone import Softphone, needs_pjsip
from tests.peers.voices import caller_voice, needs_caller_voice
from voicebot.adapters.db.accounts import SqlAccounts
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.wall_clock import WallClock
from voicebot.language.pinyin import syllables
from voicebot.operations.ports import Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240), needs_pjsip, needs_caller_voice]

FIRST, SECOND = "1023", "1024"
CALLER, LOST = "13800138021", "13800138022"
TO_SEAT: Final = "我们小区门口的路灯不亮了"
FROM_SEAT: Final = "您好，这里是人工服务，请问有什么可以帮您"
RATE: Final = 16_000
WELCOME: Final = 5
"""Seconds in which both are told who is there; nobody speaks into that."""
SLOW: Final = 20_000
"""ms, on a busy machine."""
DESK: Final = {"width": 1366, "height": 768}

EARPHONE: Final = """
// Keeps what comes in for the seat's ear, and tells when their mouth is joined.
const joined = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  window.mouth ||= this instanceof AudioWorkletNode && target instanceof GainNode;
  return joined.call(this, target, ...rest);
};
window.earphone = [];
window.WebSocket = class extends WebSocket {
  constructor(...words) {
    super(...words);
    this.addEventListener("message", ({ data }) => {
      if (data instanceof ArrayBuffer) window.earphone.push(data.slice(0));
    });
  }
};
window.heard = () => {
  let text = "";
  for (const piece of window.earphone) {
    for (const byte of new Uint8Array(piece)) text += String.fromCharCode(byte);
  }
  return btoa(text);
};
"""


class Operator:
    """A person at a seat."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.status = page.locator(".call-bar .status")

    async def sees(self, words: str) -> None:
        await expect(self.status).to_contain_text(words)

    async def acts(self, act: str) -> None:
        await self.page.locator(f"button[data-act={act}]").click()

    async def chooses(self, act: str, words: str) -> None:
        """Opens a list of the bar, types and takes the first that is left."""
        await self.acts(act)
        await self.page.locator(".picker input").fill(words)
        await self.page.keyboard.press("Enter")

    async def says(self, text: str) -> None:
        await self.page.wait_for_function("() => Boolean(window.mouth)")
        wav = base64.b64encode(caller_voice(text, 48_000).read_bytes()).decode()
        await self.page.evaluate("(wav) => speak(wav)", wav)

    async def hears(self) -> bytes:
        """All that has come for the seat's ear, s16 at `RATE`."""
        return base64.b64decode(await self.page.evaluate("heard()"))


async def at_seat(browser: Browser, town: Town, name: str) -> Operator:
    """Signed in, and ready."""
    page = await (await browser.new_context(locale="zh-CN", viewport=DESK)).new_page()  # type: ignore[arg-type]
    for script in (EAR, MICROPHONE, EARPHONE):
        await page.add_init_script(script)
    await page.goto(f"{town.url}/seat/")
    await page.get_by_label("账号").fill(name)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await page.get_by_role("button", name="签入").click()
    await page.get_by_role("button", name="示闲", exact=True).click()
    operator = Operator(page)
    await operator.sees("等待来电")
    return operator


@contextlib.asynccontextmanager
async def seats(launch: Launch, town: Town) -> AsyncIterator[tuple[Operator, Operator, Browser]]:
    """Both at their desks; the second leaves with a browser of their own."""
    database = await Database.open(town.data / FILE_NAME)
    try:
        accounts = SqlAccounts(database, WallClock())
        for name in {FIRST, SECOND} - set(await accounts.names()):
            await accounts.create(name, PASSWORD, Role.SEAT)
    finally:
        await database.close()
    async with launch() as one, launch() as other:
        first = await at_seat(one, town, FIRST)
        yield first, await at_seat(other, town, SECOND), other


async def answered(operators: tuple[Operator, Operator]) -> tuple[Operator, Operator]:
    """The call rings at one of them, who takes it; (who talks, the other)."""

    async def rings(operator: Operator) -> Operator:
        await operator.sees("请接听")
        return operator

    ringing = [asyncio.create_task(rings(each)) for each in operators]
    done, rest = await asyncio.wait(ringing, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    talking = done.pop().result()
    await talking.acts("answer")
    await talking.sees("通话中")
    (other,) = [each for each in operators if each is not talking]
    return talking, other


def contact(town: Town, number: str) -> dict[str, Any]:
    rows = town.rows(
        "SELECT contact.* FROM contact JOIN call ON call.id = contact.call_id WHERE caller_mask = ?"
        " ORDER BY since DESC",
        f"{number[:3]}****{number[-4:]}",
    )
    assert rows, f"{number} never waited for a person"
    return rows[0]


async def say_to(town: Town, operator: Operator, caller: Caller, sentence: str) -> None:
    """The caller hears it, whatever else besides (who it is that takes the call)."""
    since = caller.tape.samples
    await operator.says(sentence)
    said_at = caller.tape.samples
    await eventually(lambda: caller.tape.samples > said_at + 1.5 * PHONE_RATE)  # the sound is the clock
    heard = await town.recognise(caller.tape.pcm(since))
    said, told = syllables(sentence), syllables(heard)
    blocks = difflib.SequenceMatcher(None, said, told, autojunk=False).get_matching_blocks()
    assert sum(block.size for block in blocks) > 0.6 * len(said), f"the caller hears: {heard}"


async def test_a_talk_goes_through_both_seats_the_police_and_back(
    launch: Launch, running_hotline: Town, tmp_path: Path
) -> None:
    town = running_hotline
    expect.set_options(timeout=SLOW)
    for sentence in (TO_SEAT, FROM_SEAT):
        await asyncio.to_thread(caller_voice, sentence, 48_000)
    async with (
        seats(launch, town) as (first, second, _),
        calling(town, tmp_path, CALLER, TO_SEAT) as caller,
    ):
        await caller.press("0")
        talking, other = await answered((first, second))
        # both ways, on both tapes
        since = caller.tape.samples
        await eventually(lambda: caller.tape.samples > since + WELCOME * PHONE_RATE)
        await say_to(town, talking, caller, FROM_SEAT)
        before = len(await talking.hears())
        await caller.say(TO_SEAT)
        await expect(talking.page.locator(".talk-column")).to_contain_text("路灯")  # transcript
        heard = await town.recognise((await talking.hears())[before:], RATE)
        assert alike(heard, TO_SEAT) > 0.5, f"the seat hears: {heard}"
        # hold: music, then back
        await talking.acts("hold")
        await talking.sees("保持中")
        since = caller.tape.samples
        await eventually(lambda: bool(caller.tape.loud(since).any()), PATIENCE)
        await talking.acts("hold")
        await talking.sees("通话中")
        # to the second seat
        name = SECOND if talking is first else FIRST
        await talking.chooses("transfer", f"{name} 号")
        await other.sees("请接听")
        await other.acts("answer")
        await other.sees("通话中")
        await talking.sees("话后整理")
        # the police join, and leave
        async with Softphone(port=town.police_port) as police:
            await other.chooses("conference", "110")
            await police.rings(PATIENCE)
            tape = Tape(tmp_path / "police.wav")
            await police.answer(record=tape.path)
            await other.sees("3 方通话中")
            await eventually(lambda: tape.finished(0, least=1.0), PATIENCE)  # who is calling
            since = tape.samples
            await caller.say(TO_SEAT)
            await eventually(lambda: tape.finished(since, least=1.0), PATIENCE)
            await police.hang_up()
            await other.sees("通话中")
        heard = await town.recognise(tape.pcm(since))
        assert alike(heard, TO_SEAT) > 0.5, f"the police hear: {heard}"
        # back to the bot, who asks for points
        since = caller.tape.samples
        await other.chooses("back", "满意度")
        await other.sees("话后整理")
        await eventually(lambda: caller.tape.finished(since), PATIENCE)
        await caller.press("5")
        await caller.phone.wait_for("DISCONNECTED", 30)
    async with town.api() as api:
        call = await api.ended_call(CALLER)
    assert call["score"] == 5, told(call)
    assert contact(town, CALLER)["state"] == "done"


async def test_a_browser_that_dies_in_a_talk_costs_the_caller_no_place(
    launch: Launch, running_hotline: Town, tmp_path: Path
) -> None:
    """They are at the front again; having hung up there, they are rung."""
    town = running_hotline
    expect.set_options(timeout=SLOW)
    async with seats(launch, town) as (first, second, of_second):
        await first.page.get_by_role("button", name="示忙", exact=True).click()
        await first.sees("示忙")
        async with calling(town, tmp_path, LOST) as caller:
            await caller.press("0")
            await second.sees("请接听")
            await second.acts("answer")
            await second.sees("通话中")
            await of_second.close()
            await eventually(lambda: contact(town, LOST)["state"] == "waiting", 30)
            row = contact(town, LOST)
            assert (row["front"], row["seat"]) == (1, None), row
            await caller.hang_up()
        await eventually(lambda: contact(town, LOST)["state"] == "left")
        async with town.phone(180) as phone:
            ringing = await phone.rings(PATIENCE)
            assert f"INVITE sip:{LOST}@" in ringing["message"]
