"""The supervisors' board in a real Chromium."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import CHROMIUM
from tests.browser.seats.conftest import SeatSite
from tests.browser.seats.kit import answer_sound
from voicebot.core.ids import SeatId
from voicebot.operations.talks import TalkAction
from voicebot.seats.seat import SeatState

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(90),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: apt install chromium)"),
]


async def test_what_burns_is_seen_and_can_be_acted_on(site: SeatSite) -> None:
    hall = site.hall
    await hall.free("1031", 综合=3)
    await hall.free("1032", 综合=3)
    call_id = await hall.ring("1031")
    await hall.desk.accept(SeatId("1031"), "elsewhere", call_id)
    await hall.talks.begin(call_id)
    waiting = await hall.wait(95)
    await hall.wait(20, emergency="119", queue="紧急")
    page = await site.window("ban", "/healthz")
    sockets = await answer_sound(page)
    await page.goto(f"{site.url}/seat/board")
    await expect(page.locator(".alarm").first).to_contain_text("紧急来电（119）")
    waits = page.get_by_role("table", name="正在等的来电")
    await expect(waits.locator("tbody tr")).to_have_count(2)
    await waits.get_by_role("button", name="138****8000：提到最前").nth(1).click()
    await expect(waits).to_contain_text("断线重排")
    assert (await hall.desk.contact(waiting)).front
    seats = page.get_by_role("table", name="坐席")
    await seats.get_by_role("button", name="1031 号：监听").click()
    dialog = page.get_by_role("dialog", name="监听 1031 号")
    await expect(dialog).to_contain_text("双方听不到您")
    await dialog.get_by_role("button", name="耳语").click()
    await expect(dialog).to_contain_text("只有坐席听得到您")
    assert len(sockets) == 1
    await dialog.get_by_role("button", name="结束").click()
    await expect(dialog).to_have_count(0)
    told = [order.action for order in hall.talks.orders if order.by == "ban"]
    assert told[:2] == [TalkAction.MONITOR, TalkAction.WHISPER]
    await seats.get_by_role("button", name="1032 号：技能").click()
    await page.get_by_label("企业的等级").select_option("4")
    await page.get_by_role("button", name="保存").click()
    await expect(seats).to_contain_text("企业4 综合3")
    await seats.get_by_role("button", name="1032 号：签出").click()
    await page.get_by_role("dialog").get_by_role("button", name="签出").click()
    await expect(seats.get_by_role("button", name="1032 号：签出")).to_have_count(0)
    assert (await hall.desk.seat(SeatId("1032"))).state is SeatState.OFFLINE
    assert [order.action for order in hall.talks.orders if order.by == "ban"][-1] is TalkAction.LEAVE
