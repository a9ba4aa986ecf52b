"""Lists, search, filters and keys in a real Chromium."""

import re
from datetime import timedelta
from typing import Final

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser.conftest import CHROMIUM
from tests.browser.tickets.kit import WATER
from tests.browser.tickets.site import SLOW, Site, picture
from voicebot.adapters.db.callbacks import SqlCallbacks
from voicebot.core.ids import TicketNo
from voicebot.core.meaning import AppealType, Urgency
from voicebot.operations.callback_store import DueCall
from voicebot.tickets.callbacks import Over, Try, TryOutcome
from voicebot.tickets.given import Given
from voicebot.tickets.parts import SupervisionLevel
from voicebot.tickets.ticket import TicketAction as A

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(90),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: apt install chromium)"),
]


COMPOSED: Final = "new KeyboardEvent('keydown', {key: 'j', bubbles: true, isComposing: true})"


async def test_work_lists_show_what_burns_with_a_word(site: Site) -> None:
    old = await site.desk.file(timedelta(days=20), title="井盖坏了", urgency=Urgency.CRITICAL)
    note = Given(level=SupervisionLevel.KEY, note="三天内办好")
    await site.desk.act("he", old, A.SUPERVISE, given=note)
    page = await site.window("pai")
    red = page.get_by_role("button", name="已超期")
    await expect(red).to_contain_text("1", timeout=SLOW)
    await red.click()
    line = page.locator("table.rows tbody tr")
    await expect(line).to_have_count(1)
    for words in ("超期", "井盖坏了", "特急", "督办", old[8:]):
        await expect(line).to_contain_text(words)
    await expect(page).to_have_url(re.compile("list=red"))
    await page.reload()
    await expect(page.get_by_role("button", name="已超期")).to_have_attribute("aria-current", "page")


async def test_a_unit_sees_its_own_and_an_editor_nothing(site: Site) -> None:
    await site.desk.sent(WATER, title="水管漏水")
    await site.desk.sent(title="护栏歪了")
    page = await site.window("wang")
    await expect(page.locator("table.rows")).to_contain_text("水管漏水", timeout=SLOW)
    await expect(page.locator("table.rows")).not_to_contain_text("护栏歪了")
    await expect(page.get_by_role("button", name="待派单")).to_have_count(0)
    editor = await site.window("bian")
    assert "您的账号没有这项权限" in await editor.content()


async def test_found_by_number_tail_phone_and_words(site: Site) -> None:
    number = await site.desk.file(title="喷泉不喷水", address="世纪广场", phone="13577776666")
    page = await site.window("pai")
    search = page.get_by_label("查找工单")
    line = page.locator("table.rows tbody tr")
    for query, how in (
        (number, "按工单号找到"),
        (number[-6:], "按工单号找到"),
        ("135 7777 6666", "按电话找到"),
        ("6666", "按电话找到"),
        ("喷泉", "按字词找到"),
    ):
        await search.fill(query)
        await search.press("Enter")
        await expect(page.locator(".summary")).to_contain_text(how, timeout=SLOW)
        await expect(line.filter(has_text="喷泉不喷水")).to_have_count(1)
    await search.fill("火星来客")
    await search.press("Enter")
    await expect(page.locator("td.empty")).to_have_text("没有找到含有这些字词的工单")
    await search.fill("<img src=x onerror=alert(1)>' OR 1=1 --")
    await search.press("Enter")
    await expect(page.locator("td.empty")).to_be_visible()


async def test_filters_are_saved_for_the_account_and_gone_when_dropped(site: Site) -> None:
    await site.desk.file(title="建议多种树", appeal_type=AppealType.SUGGESTION)
    await site.desk.file(title="只是求助")
    page = await site.window("pai")
    await page.get_by_role("button", name="筛选", exact=True).click()
    await page.get_by_label("诉求类型").select_option(label="建议")
    await expect(page.locator("table.rows tbody tr")).to_have_count(1, timeout=SLOW)
    await page.get_by_role("button", name="保存这组筛选").click()
    await page.get_by_label("筛选的名称").fill("各种建议")
    await page.get_by_label("筛选的名称").press("Enter")
    await expect(page.locator(".q-notification")).to_contain_text("已保存")
    again = await site.window("pai")
    await again.get_by_role("button", name="各种建议", exact=True).click()
    await expect(again.locator("table.rows tbody tr")).to_have_count(1, timeout=SLOW)
    await expect(again.locator("table.rows")).to_contain_text("建议多种树")
    await again.get_by_role("button", name="删掉筛选「各种建议」").click()
    await expect(again.get_by_role("button", name="各种建议", exact=True)).to_have_count(0)


async def test_the_list_follows_what_happens_and_leaves_typing_alone(site: Site) -> None:
    number = await site.desk.file(title="等着派单的事")
    page = await site.window("pai")
    line = page.locator("table.rows tbody tr", has_text="等着派单的事")
    await expect(line).to_contain_text("已受理", timeout=SLOW)
    search = page.get_by_label("查找工单")
    await search.click()
    await page.keyboard.type("打了一半")
    await site.desk.act("pai", number, A.CANCEL, "诉求人说不用了")
    await expect(line).to_contain_text("已撤单", timeout=SLOW)
    await expect(search).to_have_value("打了一半")
    await expect(search).to_be_focused()


async def test_by_keys_alone(site: Site) -> None:
    for title in ("键盘甲", "键盘乙", "键盘丙"):
        await site.desk.file(title=title)
    page = await site.window("pai")
    await expect(page.locator("table.rows")).to_contain_text("键盘丙", timeout=SLOW)
    await page.keyboard.press("/")
    await expect(page.get_by_label("查找工单")).to_be_focused()
    await page.keyboard.type("键盘jk")
    await expect(page.locator("tr[aria-current]")).to_have_count(0)  # letters typed are letters
    for _ in "jk":
        await page.keyboard.press("Backspace")
    await page.keyboard.press("Enter")
    await expect(page.locator("table.rows tbody tr")).to_have_count(3, timeout=SLOW)
    await page.get_by_label("查找工单").blur()
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await expect(page.locator("tr[aria-current]")).to_contain_text("键盘乙")
    await page.keyboard.press("k")
    await page.keyboard.press("Alt+j")
    await expect(page.locator("tr[aria-current]")).to_contain_text("键盘丙")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("键盘丙", timeout=SLOW)
    await expect(page.locator(".steps")).to_contain_text("1/3")
    await page.keyboard.press("]")
    await expect(page.locator("h1")).to_have_text("键盘乙", timeout=SLOW)
    await expect(page.locator(".steps")).to_contain_text("2/3")
    await page.keyboard.press("u")
    await expect(page.locator("tr[aria-current]")).to_contain_text("键盘乙", timeout=SLOW)
    assert "q=" in page.url


async def test_composing_fires_nothing_and_keys_can_be_switched_off(site: Site) -> None:
    await site.desk.file(title="随便一件")
    page = await site.window("li")
    await site.desk.sent(title="给城管的一件")
    await expect(page.locator("table.rows")).to_contain_text("给城管的一件", timeout=SLOW)
    await page.evaluate(f"document.body.dispatchEvent({COMPOSED})")
    await expect(page.locator("tr[aria-current]")).to_have_count(0)
    await page.keyboard.press("?")
    await page.get_by_label("使用快捷键").uncheck()
    await page.keyboard.press("Escape")
    await expect(page.locator(".q-dialog")).to_have_count(0)
    await page.keyboard.press("j")
    await expect(page.locator("tr[aria-current]")).to_have_count(0)
    other = await site.window("li")  # the account's choice, not the window's
    await expect(other.locator("table.rows")).to_contain_text("给城管的一件", timeout=SLOW)
    await other.keyboard.press("j")
    await expect(other.locator("tr[aria-current]")).to_have_count(0)
    await other.get_by_role("button", name="键盘 ?").click()
    await other.get_by_label("使用快捷键").check()
    await other.keyboard.press("Escape")
    await expect(other.locator(".q-dialog")).to_have_count(0)
    await other.keyboard.press("j")
    await expect(other.locator("tr[aria-current]")).to_have_count(1)


async def test_pages_are_turned_on_the_server(site: Site) -> None:
    for number in range(55):
        await site.desk.file(title=f"翻页{number}", district="翻页区")
    page = await site.window("pai", "/tickets/?q=翻页&by=text")
    lines = page.locator("table.rows tbody tr")
    await expect(lines).to_have_count(50, timeout=SLOW)
    await page.keyboard.press("]")
    await expect(lines).to_have_count(5, timeout=SLOW)
    await expect(page.locator(".pager")).to_contain_text("第 2 页")
    await page.reload()
    await expect(lines).to_have_count(5, timeout=SLOW)
    await page.get_by_role("button", name="上一页").click()
    await expect(lines).to_have_count(50, timeout=SLOW)


async def test_on_a_phone_nothing_is_cut_off(site: Site) -> None:
    await site.desk.sent(title="手机上看的一件")
    page = await site.window("li", size=ViewportSize(width=390, height=844))
    await expect(page.locator("table.rows")).to_contain_text("手机上看的一件", timeout=SLOW)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390


async def claimed(site: Site, number: TicketNo) -> DueCall:
    """The call that is owed about a ticket, as whoever rings has it."""
    owed, now = SqlCallbacks(site.desk.database), site.desk.clock.now()
    while due := await owed.claim(now, now + timedelta(minutes=2), "test"):
        if due.ticket_no == number:
            return due
        await owed.put_off(due, Over.VOID, now)  # of another test
    raise AssertionError(f"no call is owed about {number}")


async def unreached(site: Site, title: str) -> TicketNo:
    """A closed ticket about which its caller was rung in vain."""
    number = await site.desk.sent(title=title)
    await site.desk.act("li", number, A.SIGN)
    await site.desk.act("li", number, A.REPLY, given=Given(reply="修好了"))
    await site.desk.act("li", number, A.CLOSE)
    owed, now = SqlCallbacks(site.desk.database), site.desk.clock.now()
    due = await claimed(site, number)
    await owed.tried(due, Try(now, TryOutcome.NO_ANSWER), now, None)
    await owed.tried(due, Try(now, TryOutcome.BUSY), Over.UNREACHED, None)
    return number


async def test_who_was_not_reached_is_looked_after_or_rung_again(site: Site) -> None:
    called, again = await unreached(site, "路灯一直不亮"), await unreached(site, "井盖一直响")
    page = await site.window("pai")
    await page.get_by_role("link", name="未接通名单").click()
    rows = page.locator("table.people tbody tr")
    await expect(rows).to_have_count(2, timeout=SLOW)
    await expect(rows.first).to_contain_text("路灯一直不亮")
    for words in ("回访", "138****8000", "多次未接通", "2 次：", "无人接听", "占线"):
        await expect(rows.first).to_contain_text(words)
    await expect(page.get_by_role("button", name="已处理")).to_be_disabled()
    await page.get_by_label("全选").check()
    await expect(page.get_by_role("status")).to_have_text("2 条，选中 2 条")
    await picture(page, "tickets-unreached.png")
    await page.get_by_label("选中 井盖一直响").uncheck()
    await page.get_by_role("button", name="已处理").click()
    await expect(rows).to_have_count(1, timeout=SLOW)
    await page.get_by_label("选中 井盖一直响").check()
    await page.get_by_role("button", name="再打一次").click()
    await expect(page.locator("p.none")).to_contain_text("没有人等着联系", timeout=SLOW)
    assert (await claimed(site, again)).tries == ()
    assert (await site.desk.ticket(called)).called_back_at is None
    handler = await site.window("li")
    await expect(handler.locator(".list-group").first).to_contain_text("全部工单", timeout=SLOW)
    await expect(handler.get_by_role("link", name="未接通名单")).to_have_count(0)
