"""Suggestions of 群诉 and hot spots on the pages, in a real Chromium."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import CHROMIUM
from tests.browser.tickets.kit import ACCOUNTS
from tests.browser.tickets.site import SLOW, Site, picture
from voicebot.core.ids import TicketNo
from voicebot.tickets.suggestions import Standing

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: apt install chromium)"),
]
FOUNTAIN: dict[str, Any] = {
    "title": "广场喷泉不喷水",
    "content": "世纪广场东侧的喷泉好几天不喷水了，要求修好",
    "address": "世纪广场东侧",
    "object": "喷泉",
}


async def file(site: Site, phone: str, **changed: Any) -> TicketNo:
    return await site.desk.file(ago=timedelta(minutes=5), phone=phone, **{**FOUNTAIN, **changed})


async def test_a_suggestion_is_accepted_undone_and_refused(site: Site) -> None:
    earlier = await file(site, "13600000001")
    later = await file(site, "13600000002", content="世纪广场的喷泉坏了，一直不喷水")
    await site.desk.compare()
    page = await site.window("pai", "/tickets/?list=likely_groups")
    await expect(page.get_by_role("button", name="疑似群诉")).to_be_visible(timeout=SLOW)
    await page.get_by_role("link", name="广场喷泉不喷水").first.click()
    await expect(page).to_have_url(f"{site.url}/tickets/{later}", timeout=SLOW)
    other = page.locator(".similar-room .other").first
    await expect(other).to_contain_text("地点相同", timeout=SLOW)
    await expect(other.locator(".note").first).to_contain_text("%")
    await picture(page, "tickets-similar.png")
    await other.get_by_role("button", name="并为群诉", exact=True).click()
    await expect(other.locator(".verdict")).to_contain_text("已并为群诉（派单员 pai", timeout=SLOW)
    await expect(page.locator(".badges .mark", has_text="群诉")).to_be_visible(timeout=SLOW)
    assert (await site.desk.ticket(later)).group == earlier
    await other.get_by_role("button", name="撤销…").click()
    sure = page.get_by_role("dialog", name="撤销").get_by_role("button", name="撤销", exact=True)
    await expect(sure).to_be_disabled()
    await page.get_by_label("理由", exact=True).fill("两处喷泉")
    await sure.click()
    await expect(other.get_by_role("button", name="并为群诉", exact=True)).to_be_visible(timeout=SLOW)
    assert (await site.desk.ticket(later)).group is None
    await other.get_by_role("button", name="不是同一件事").click()
    await expect(other.locator(".verdict")).to_contain_text("不是同一件事（派单员 pai", timeout=SLOW)
    (kept,) = await site.desk.matters.similar.of(ACCOUNTS["pai"], later)
    assert kept.suggestion.standing is Standing.REFUSED


async def test_alarms_stand_above_the_list_of_those_who_see_every_ticket(site: Site) -> None:
    page = await site.window("pai")
    await expect(page.locator(".alarms")).to_be_empty()
    for n in range(5):
        await file(
            site, f"1350000000{n}", address="柳堤路18号", content="柳堤路18号门口停水了", object="自来水"
        )
    await site.desk.compare()
    alarm = page.locator(".alarm", has_text="柳堤路 停水")
    await expect(alarm).to_contain_text("24小时内5人反映", timeout=SLOW)
    await picture(page, "tickets-alarm.png")
    await alarm.get_by_role("link").click()
    await expect(page.locator("table.rows tbody tr")).to_have_count(5, timeout=SLOW)
    unit = await site.window("li")
    await expect(unit.locator(".lists")).to_contain_text("待签收", timeout=SLOW)
    await expect(unit.locator(".alarms")).to_be_empty()
    await expect(unit.locator(".lists")).not_to_contain_text("疑似群诉")
