"""The operator's console in a real Chromium, by keys alone."""

from datetime import timedelta
from typing import Final

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from tests.browser.conftest import CHROMIUM
from tests.browser.seats.conftest import SeatSite
from tests.browser.seats.kit import HELP, SUMMARY, answer_sound
from tests.fakes.unreached import not_reached
from voicebot.core.ids import CallId
from voicebot.operations.talk_lines import Speaker
from voicebot.operations.talks import TalkAction
from voicebot.seats.contact import ContactState

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(90),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: apt install chromium)"),
]

UNNAMED: Final = """() => [...document.querySelectorAll('button, a, input, select, textarea')].filter(e =>
  e.checkVisibility() && !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length)
).map(e => e.outerHTML.slice(0, 120))"""


async def opened(site: SeatSite) -> tuple[Page, list[WebSocketRoute]]:
    """A console that is signed in and ready."""
    page = await site.window("1023", "/healthz")
    sockets = await answer_sound(page)
    await page.goto(f"{site.url}/seat/")
    await page.get_by_role("button", name="签入").click()
    await page.get_by_role("button", name="示闲").click()
    await expect(status(page)).to_have_text("示闲，等待来电")
    return page, sockets


def status(page: Page):  # type: ignore[no-untyped-def]
    return page.locator(".call-bar .status")


async def taken(site: SeatSite, page: Page) -> CallId:
    """An offer, answered by its key."""
    call_id = await site.hall.ring("1023")
    await expect(status(page)).to_have_text("来电，请接听")
    await page.keyboard.press("F2")
    await expect(status(page)).to_have_text("正在接通")
    await site.hall.talks.begin(call_id)
    await expect(status(page)).to_have_text("通话中")
    return call_id


def asked(site: SeatSite) -> list[tuple[TalkAction, str]]:
    return [(order.action, order.to) for order in site.hall.talks.orders]


async def test_the_screen_says_everything_before_the_call_is_answered(site: SeatSite) -> None:
    await site.hall.file("云江路夜间施工扰民", timedelta(days=3))
    site.hall.help = HELP
    page, sockets = await opened(site)
    await site.hall.ring("1023", elder=True, emergency="119")
    caller = page.get_by_label("来电人", exact=True)
    for words in ("138****8000", "来电人要求人工", "紧急 119", "老年人", "情绪不满", SUMMARY, "71% 请核对"):
        await expect(caller).to_contain_text(words)
    await expect(caller).to_contain_text("云江路夜间施工扰民")
    log = page.get_by_role("log")
    await expect(log.locator("mark")).to_have_count(3)
    await expect(page.locator(".advices")).to_contain_text("市城市管理局")
    await expect(page.get_by_label("地点", exact=True)).to_have_value("云江路12号")
    await expect(page.get_by_label("主办单位")).to_have_value("市城市管理局")
    assert site.hall.phone not in await page.content()
    assert sockets == []
    assert await page.evaluate(UNNAMED) == []
    await page.keyboard.press("F4")
    await expect(status(page)).to_have_text("示闲，等待来电")
    await expect(caller).not_to_contain_text("138****8000")


async def test_a_call_by_keys_alone_from_the_bell_to_the_note(site: SeatSite) -> None:
    page, sockets = await opened(site)
    call_id = await taken(site, page)
    await expect(page.locator(".legs")).to_contain_text("来电人")
    (socket,) = sockets
    assert call_id in socket.url
    site.hall.lines.say(call_id, Speaker.CALLER, "两盏都不亮，我电话13911112222", 30.0)
    await expect(page.get_by_role("log")).to_contain_text("两盏都不亮，我电话139****2222")
    content = page.get_by_label("内容")
    await content.focus()
    await page.keyboard.press("F8")
    await expect(status(page)).to_have_text("已静音，对方听不到您")
    await page.keyboard.press("F8")
    await page.keyboard.press("F9")
    await expect(status(page)).to_have_text("保持中，来电人在听音乐")
    await expect(page.get_by_role("button", name="接回")).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("F9")
    await page.keyboard.press("Shift+F9")
    await page.keyboard.type("110")
    await page.keyboard.press("Enter")
    await expect(status(page)).to_have_text("3 方通话中")
    await page.get_by_role("button", name="请110离开").click()
    await expect(status(page)).to_have_text("通话中")
    await content.focus()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".seat-form .done").first).to_contain_text("已立单")
    await page.keyboard.press("F4")
    await expect(page.get_by_role("button", name="再按一次挂机")).to_be_visible()
    await page.keyboard.press("F4")
    await expect(status(page)).to_have_text("话后整理")
    await expect(page.get_by_label("结果")).to_have_value("filed")
    await page.keyboard.press("F2")
    await expect(status(page)).to_have_text("示闲，等待来电")
    actions = [action for action, _ in asked(site)]
    assert actions == [
        *(TalkAction.MUTE, TalkAction.UNMUTE, TalkAction.HOLD, TalkAction.RESUME),
        *(TalkAction.CONFERENCE, TalkAction.DROP, TalkAction.HANG_UP),
    ]
    (ticket,) = await site.hall.tickets(call_id)
    assert (ticket.address, ticket.call_id) == ("云江路12号", call_id)
    assert (await site.hall.desk.contact(call_id)).state is ContactState.DONE


async def test_a_reload_in_the_call_loses_nothing(site: SeatSite) -> None:
    page, sockets = await opened(site)
    call_id = await taken(site, page)
    await page.get_by_label("内容").fill("写到一半的内容")
    await expect(page.locator(".saved").first).to_contain_text("已存")
    await page.reload()
    await expect(status(page)).to_have_text("通话中")
    await expect(page.get_by_label("内容")).to_have_value("写到一半的内容")
    await expect(page.locator(".call-bar .troubles")).to_have_count(0)
    _, again = sockets
    assert call_id in again.url


async def test_a_broken_connection_is_told_and_made_again(site: SeatSite) -> None:
    page, sockets = await opened(site)
    call_id = await taken(site, page)
    await expect(page.locator(".call-bar .meter")).to_be_visible()
    await sockets[0].close(code=1012)
    troubles = page.locator(".call-bar .troubles")
    await expect(troubles).to_contain_text("通话的连接断了，正在接回")
    await expect(troubles).to_have_count(0)
    assert len(sockets) == 2
    await site.hall.desk.end_talk(call_id)
    await expect(status(page)).to_have_text("话后整理")
    await expect(page.locator(".call-bar .meter")).to_have_count(0)


async def test_a_second_window_is_told_and_may_take_over(site: SeatSite) -> None:
    page, _ = await opened(site)
    second = await site.window("1023", "/seat/")
    await expect(status(second)).to_have_text("已在另一个窗口签入")
    await expect(second.locator(".acts button:enabled")).to_have_count(0)
    await second.get_by_role("button", name="在这个窗口接管").click()
    await expect(status(second)).to_have_text("示闲，等待来电")
    await expect(status(page)).to_have_text("已在另一个窗口签入")


async def test_knowledge_is_found_and_read_to_the_caller(site: SeatSite) -> None:
    page, _ = await opened(site)
    await taken(site, page)
    await page.locator("h1").click()  # out of the form, where a stroke is a stroke
    await page.keyboard.press("/")
    seek = page.get_by_label("查知识")
    await expect(seek).to_be_focused()
    await seek.fill("居住证")
    await seek.press("Enter")
    await page.get_by_role("button", name="念给来电人").click()
    await expect(page.locator(".article")).to_contain_text("居住证服务指南")
    await expect(page.locator(".q-notification").first).to_contain_text("正在念给来电人")
    ((action, words),) = asked(site)
    assert action is TalkAction.SAY
    assert words.startswith("年满16周岁")


async def test_a_break_asked_for_in_a_call_comes_after_it(site: SeatSite) -> None:
    page, _ = await opened(site)
    call_id = await taken(site, page)
    await page.get_by_label("小休").select_option("用餐")
    await expect(page.locator(".call-bar .next")).to_have_text("之后：小休：用餐")
    await site.hall.desk.end_talk(call_id)
    await expect(status(page)).to_have_text("话后整理")
    await page.keyboard.press("F2")
    await expect(status(page)).to_have_text("小休：用餐")


async def test_between_calls_people_are_rung_again(site: SeatSite) -> None:
    site.hall.people.people = [not_reached(key="missed:c1"), not_reached(key="missed:c2")]
    page, _ = await opened(site)
    await page.get_by_role("button", name="再回拨 138****8000").first.click()
    await expect(page.get_by_role("button", name="再回拨 138****8000")).to_have_count(1)
    await page.get_by_role("button", name="已联系 138****8000").click()
    await expect(page.get_by_role("button", name="再回拨 138****8000")).to_have_count(0)
    assert (site.hall.people.rung, site.hall.people.taken) == (["missed:c1"], {"missed:c2": "seat:1023"})


async def test_who_is_no_seat_sees_nothing(site: SeatSite) -> None:
    page = await site.window("bian", "/seat/")
    assert "您的账号没有这项权限" in await page.content()
    board = await site.window("1023", "/seat/board")
    await expect(board.locator("h1")).to_have_text("您的账号没有这项权限")


async def test_what_callers_say_is_text_and_no_script(site: SeatSite) -> None:
    evil = "</script><script>window.evil=1</script><img src=x onerror='window.evil=1'>{{7*7}}"
    page, _ = await opened(site)
    await site.hall.ring("1023", summary=evil, slots={"address": evil})
    await expect(page.get_by_label("来电人", exact=True).locator(".summary")).to_have_text(evil)
    assert await page.evaluate("window.evil") is None
    await page.keyboard.press("F4")
