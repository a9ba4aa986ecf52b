"""Draws the pictures of docs/seats-desk.md: ``python -m tests.browser.seats.pictures docs/images``."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from playwright.async_api import async_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.seats.kit import HELP, answer_sound, seat_hall
from tests.browser.tickets.site import Site
from voicebot.core.handover import HandoverReason
from voicebot.core.ids import SeatId
from voicebot.operations.talk_lines import Speaker

QUIET = 1500
"""ms until a page has drawn what comes later."""


async def draw(target: Path) -> None:
    async with seat_hall() as (port, hall), async_playwright() as playwright:
        more = ["--use-fake-ui-for-media-stream"]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *more])
        site = Site(port, hall, browser)  # type: ignore[arg-type]
        hall.help = HELP
        await hall.file("小区门口垃圾没人收", timedelta(days=40))
        await hall.file("云江路夜间施工扰民")
        await hall.desk.reskill(SeatId("1023"), {"综合": 4, "英语": 2}, "甲班", fresh=True)
        page = await site.window("1023", "/seat/")
        await answer_sound(page)
        await page.wait_for_timeout(QUIET)
        await page.screenshot(path=target / "seats-off.png")
        await page.get_by_role("button", name="签入").click()
        await page.get_by_role("button", name="示闲").click()
        await page.wait_for_timeout(QUIET)
        call_id = await hall.ring("1023", elder=True, repeat=2)
        await page.wait_for_timeout(QUIET)
        await page.screenshot(path=target / "seats-offer.png")
        await page.keyboard.press("F2")
        await page.wait_for_timeout(500)
        await hall.talks.begin(call_id)
        hall.lines.say(call_id, Speaker.PERSON, "您好，1023号为您服务，云江路12号的路灯我已经看到了。", 34.0)
        hall.lines.say(call_id, Speaker.CALLER, "对对，就是小学门口那两盏，晚上孩子走路害怕。", 39.0)
        await page.wait_for_timeout(2 * QUIET)
        await page.screenshot(path=target / "seats-console.png")
        await page.keyboard.press("Shift+F2")
        await page.wait_for_timeout(300)
        await page.screenshot(path=target / "seats-transfer.png")
        await page.keyboard.press("Escape")
        await page.keyboard.press("F4")
        await page.keyboard.press("F4")
        await page.wait_for_timeout(QUIET)
        await page.screenshot(path=target / "seats-wrap-up.png")
        for number in range(1, 9):
            await hall.free(f"10{30 + number}", 综合=3, 企业=number % 3)
        await hall.ring("1031", summary="申请营业执照的材料被退回", why=HandoverReason.NO_ANSWER_KNOWN)
        talk = await hall.ring("1032", ago=30)
        await hall.desk.accept(SeatId("1032"), "elsewhere", talk)
        await hall.talks.begin(talk)
        await hall.desk.pause(SeatId("1033"), "用餐", "elsewhere")
        await hall.desk.busy(SeatId("1034"), "elsewhere")
        await hall.wait(95, elder=True, repeat=1)
        await hall.wait(20, emergency="119", summary="说楼下冒烟", queue="紧急")
        board = await site.window("ban", "/seat/board")
        await board.wait_for_timeout(2 * QUIET)
        await board.screenshot(path=target / "seats-board.png")
        assert site.complaints == [], site.complaints
        await browser.close()


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
