"""One ticket: what is shown, what is done, what survives, in a real Chromium."""

import io
import unicodedata
from datetime import timedelta

import pytest
from playwright.async_api import Page, expect
from pypdf import PdfReader

from tests.browser.conftest import CHROMIUM
from tests.browser.tickets.kit import CALL, CITY
from tests.browser.tickets.site import SLOW, Site, picture
from voicebot.core.ids import TicketNo
from voicebot.operations.ticket_access import AccessWanted, Looked
from voicebot.tickets.given import Correction, Given
from voicebot.tickets.state import State
from voicebot.tickets.ticket import TicketAction as A

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(90),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: apt install chromium)"),
]


async def opened(site: Site, name: str, number: TicketNo) -> Page:
    page = await site.window(name, f"/tickets/{number}")
    await expect(page.locator(".similar-room .note").first).not_to_have_text("正在找…", timeout=SLOW)
    return page


async def press(page: Page, action: A) -> None:
    """The button, also when it is under 更多."""
    button = page.locator(f"button[data-action={action}]")
    await button.wait_for(state="attached", timeout=SLOW)
    if not await button.is_visible():
        await page.locator(".more summary").click()
    await button.click()


async def test_from_signing_to_the_end(site: Site) -> None:
    number = await site.desk.sent(title="从头办到尾")
    page = await opened(site, "li", number)
    await press(page, A.SIGN)
    await expect(page.locator(".badge.state")).to_have_text("已签收", timeout=SLOW)
    await press(page, A.START)
    await expect(page.locator(".badge.state")).to_have_text("办理中", timeout=SLOW)
    await press(page, A.REPLY)
    form = page.get_by_role("form", name="答复")
    await form.get_by_role("button", name="答复", exact=True).click()
    await expect(form.get_by_role("alert")).to_have_text("请填写给诉求人的答复")
    await form.get_by_label("给诉求人的答复").fill("路灯已经修好，今晚会亮")
    await form.get_by_role("button", name="答复", exact=True).click()
    await expect(page.locator(".decision.reply")).to_contain_text("今晚会亮", timeout=SLOW)
    await press(page, A.CLOSE)
    await expect(page.locator(".badge.state")).to_have_text("已办结", timeout=SLOW)
    done = page.locator(".timeline > li .what")
    await expect(done).to_have_text(["办结", "答复", "办理", "签收", "指定办理", "受理"])
    await expect(page.locator(".timeline > li").first).to_contain_text("承办 li")
    assert await site.desk.notes.below("li", "draft:") == []


async def test_dispatch_with_suggestions_and_refused_with_the_ground(site: Site) -> None:
    number = await site.desk.file(title="路灯不亮", content="云江路12号的路灯坏了")
    page = await opened(site, "pai", number)
    await press(page, A.DISPATCH)
    form = page.get_by_role("form", name="派单")
    await expect(form.locator("button.offer").first).to_contain_text("%", timeout=SLOW)
    street = next(u.name for u in site.desk.pages.directory().units.values() if "街道" in u.name)
    await form.get_by_label("主办单位").select_option(street)
    await form.get_by_role("button", name="派单", exact=True).click()
    await expect(form.get_by_role("alert")).to_contain_text("不能由", timeout=SLOW)
    await form.locator("button.offer").first.click()
    await form.get_by_role("button", name="派单", exact=True).click()
    await expect(page.locator(".badge.state")).to_have_text("已派单", timeout=SLOW)
    assert (await site.desk.ticket(number)).department == CITY


async def test_the_call_with_evidence_and_sound_from_a_turn(site: Site) -> None:
    number = await site.desk.file(call_id=CALL)
    page = await opened(site, "he", number)
    await expect(page.locator(".talk-lines mark")).to_contain_text("云江路12号")
    await expect(page.locator(".talk-part")).to_contain_text("138****8000")
    assert "13800008000" not in await page.content()
    audio = page.locator("audio")
    await expect(audio).to_have_js_property("duration", 20, timeout=SLOW)
    await page.get_by_role("button", name="从0:12听").click()
    assert await audio.evaluate("a => a.currentTime") >= 12
    await page.get_by_role("button", name="地点「云江路12号」").click()
    await expect(page.get_by_role("button", name="从0:04听")).to_be_focused()
    handler = await opened(site, "pai", number)
    await expect(handler.locator("audio")).to_have_count(0)
    await expect(handler.locator(".call-room")).to_contain_text("录音由管理员和班长听取")


async def test_a_number_is_shown_for_a_reason_that_is_written_down(site: Site) -> None:
    number = await site.desk.sent()
    page = await opened(site, "li", number)
    await expect(page.locator(".facts-list")).to_contain_text("138****8000")
    await page.get_by_role("button", name="显示号码").click()
    await expect(page.get_by_role("button", name="显示", exact=True)).to_be_disabled()
    await page.get_by_label("理由").fill("核实地点")
    await page.get_by_role("button", name="显示", exact=True).click()
    await expect(page.locator(".revealed")).to_contain_text("13800008000", timeout=SLOW)
    chief = await opened(site, "he", number)
    await chief.get_by_role("button", name="谁看过").click()
    await expect(chief.locator(".looks")).to_contain_text("承办 li　显示号码：核实地点")
    noted = await site.desk.access.of_ticket(number)
    assert [(a.who, a.what, a.why) for a in noted if a.what == "number"] == [
        ("handler:li", "number", "核实地点")
    ]


async def test_of_a_secret_matter_the_unit_learns_nobody(site: Site) -> None:
    number = await site.desk.sent(confidential=True, call_id=CALL)
    page = await opened(site, "li", number)
    await expect(page.locator(".facts-list")).to_contain_text("不公开")
    await expect(page.locator(".call-room")).to_contain_text("不公开通话")
    for secret in ("王**", "138****", "我要反映"):
        assert secret not in await page.content()
    await page.get_by_role("button", name="给被反映方").click()
    notice = page.get_by_role("dialog", name="给被反映方的文字")
    await expect(notice).to_contain_text("没有诉求人的任何信息")
    await expect(notice.locator("p.content")).not_to_be_empty()
    async with page.expect_popup() as opened_sheet:
        await notice.get_by_role("link", name="打印这份文字").click()
    sheet = await opened_sheet.value
    await expect(sheet.locator("h1")).to_have_text("关于群众反映事项的告知")
    for secret in ("王**", "138****", "我要反映", number, "li"):
        assert secret not in await sheet.locator("article").inner_text()
    chief = await opened(site, "he", number)
    await expect(chief.locator("audio")).to_have_count(0)
    await chief.get_by_role("button", name="听录音").click()
    await chief.get_by_label("理由").fill("复核录音")
    await chief.get_by_role("button", name="听", exact=True).click()
    await expect(chief.locator("audio")).to_have_js_property("duration", 20)
    heard = await site.desk.access.page(AccessWanted(call_id=CALL, what=Looked.RECORDING))
    assert "复核录音" in [look.why for look in heard.items]
    other = await site.window("wang", f"/tickets/{number}")
    await expect(other.locator("h1")).to_contain_text("没有查到", timeout=SLOW)


async def test_two_people_and_the_second_sees_what_changed_and_keeps_what_was_typed(site: Site) -> None:
    number = await site.desk.sent(title="两个人一起办")
    await site.desk.act("li", number, A.SIGN)
    page = await opened(site, "li", number)
    await press(page, A.REPLY)
    box = page.get_by_label("给诉求人的答复")
    await box.fill("我查过了")
    await site.desk.act("he", number, A.CORRECT, given=Given(correction=Correction(address="云江路21号")))
    meanwhile = page.locator(".meanwhile")
    await expect(meanwhile).to_contain_text("班长 he 更正", timeout=SLOW)
    await expect(meanwhile.locator("del")).to_have_text("云江路12号")
    await expect(meanwhile.locator("ins")).to_have_text("云江路21号")
    await expect(box).to_have_value("我查过了")
    form = page.get_by_role("form", name="答复")
    await form.get_by_role("button", name="答复", exact=True).click()
    await expect(form.get_by_role("alert")).to_contain_text("还没有提交", timeout=SLOW)
    await expect(box).to_have_value("我查过了")
    await picture(page, "tickets-stale.png")
    await page.get_by_role("button", name="看过了，接着填").click()
    await form.get_by_role("button", name="答复", exact=True).click()
    await expect(page.locator(".badge.state")).to_have_text("已答复", timeout=SLOW)
    assert (await site.desk.ticket(number)).reply == "我查过了"


async def test_what_is_not_possible_any_more_is_still_there_to_copy(site: Site) -> None:
    number = await site.desk.sent(title="办着办着撤了")
    await site.desk.act("li", number, A.SIGN)
    page = await opened(site, "li", number)
    await press(page, A.REPLY)
    await page.get_by_label("给诉求人的答复").fill("写了很久的答复")
    await expect(page.locator(".saved.note")).to_contain_text("草稿已存", timeout=SLOW)
    await site.desk.act("pai", number, A.CANCEL, "诉求人撤回")
    await expect(page.locator(".meanwhile")).to_contain_text("现在不能答复", timeout=SLOW)
    await expect(page.get_by_label("给诉求人的答复")).to_have_value("写了很久的答复")
    await page.reload()
    await expect(page.locator(".stranded")).to_contain_text("写了很久的答复", timeout=SLOW)
    await page.get_by_role("button", name="不要了").click()
    await expect(page.locator(".stranded")).to_have_count(0)


async def test_a_draft_survives_a_reload_and_is_listed(site: Site) -> None:
    number = await site.desk.sent(title="写到一半")
    await site.desk.act("li", number, A.SIGN)
    page = await opened(site, "li", number)
    await press(page, A.REPLY)
    await page.get_by_label("给诉求人的答复").fill("写到一半")
    await page.reload()
    await expect(page.get_by_label("给诉求人的答复")).to_have_value("写到一半", timeout=SLOW)
    await page.get_by_role("link", name="← 列表").click()
    await page.get_by_role("link", name=f"答复 …{number[-6:]}").click()
    await expect(page.get_by_label("给诉求人的答复")).to_have_value("写到一半", timeout=SLOW)
    await page.get_by_role("button", name="取消").click()
    await expect(page.get_by_role("form", name="答复")).to_have_count(0, timeout=SLOW)
    assert await site.desk.notes.below("li", f"draft:{number}") == []


async def test_an_ended_session_keeps_what_is_typed(site: Site) -> None:
    number = await site.desk.sent(title="登录过期")
    await site.desk.act("sun", number, A.SIGN)
    page = await opened(site, "sun", number)
    await press(page, A.REPLY)
    box = page.get_by_label("给诉求人的答复")
    await expect(box).to_be_visible(timeout=SLOW)
    ended = dict(site.desk.web.accounts.sessions)
    site.desk.web.accounts.sessions.clear()
    try:
        await box.fill("过期以后写的")
        await expect(page.locator(".saved.note")).to_contain_text("登录已过期", timeout=SLOW)
    finally:
        site.desk.web.accounts.sessions.update(ended)
    await expect(page.locator(".saved.note")).to_contain_text("草稿已存", timeout=SLOW)
    assert (await site.desk.ticket(number)).reply == ""


async def test_merge_group_and_split(site: Site) -> None:
    parent = await site.desk.file(title="广场喷泉不喷水", address="世纪广场东侧", object="喷泉")
    same = await site.desk.file(
        title="喷泉不喷水了", address="世纪广场东侧", object="喷泉", phone="13611112222"
    )
    page = await opened(site, "pai", same)
    other = page.locator(".similar-room .other", has_text="广场喷泉不喷水").first
    await expect(other).to_contain_text("%")
    await other.get_by_role("button", name="归为群诉").click()
    await expect(page.get_by_label("群诉主单")).to_have_value(parent)
    await page.get_by_role("form").get_by_role("button", name="并入群诉", exact=True).click()
    await expect(page.locator(".badges .mark", has_text="群诉")).to_be_visible(timeout=SLOW)
    assert (await site.desk.ticket(same)).group == parent
    await other.get_by_role("button", name="并入它").click()
    await page.get_by_label("为什么是同一件事").fill("同一个喷泉")
    await page.get_by_role("button", name="并单", exact=True).click()
    await page.get_by_role("button", name="确定并单").click()
    await expect(page.locator(".badge.state")).to_have_text("已并单", timeout=SLOW)
    await page.goto(f"{site.url}/tickets/{parent}")
    await press(page, A.SPLIT)
    await page.get_by_label("拆出的事项").fill("广场卫生")
    await page.get_by_label("拆出的内容").fill("广场上垃圾没人收")
    await page.get_by_label("为什么拆开").fill("另一个单位的事")
    await page.get_by_role("button", name="拆单", exact=True).click()
    await page.get_by_role("button", name="确定拆单").click()
    await expect(page.locator(".facts-list")).to_contain_text("拆出", timeout=SLOW)
    (part,) = (await site.desk.ticket(parent)).split_into
    assert (await site.desk.ticket(part)).title == "广场卫生"


async def test_what_callers_and_people_write_is_text_and_no_script(site: Site) -> None:
    evil = "</script><script>window.evil=1</script><img src=x onerror='window.evil=1'>{{7*7}}"
    number = await site.desk.sent(title=evil, content=evil, address=evil, object=evil)
    await site.desk.act("pai", number, A.SUPPLEMENT, evil)
    page = await opened(site, "he", number)
    await expect(page.locator("p.content").first).to_have_text(evil)
    await expect(page.locator(".timeline .why").first).to_have_text(evil)
    await press(page, A.CORRECT)
    await expect(page.get_by_label("内容", exact=True)).to_have_value(evil)
    await page.goto(f"{site.url}/tickets/{number}/print")
    await expect(page.locator("td.long").first).to_have_text(evil)
    await page.goto(f"{site.url}/tickets/")
    await expect(page.locator("table.rows")).to_contain_text("</script>", timeout=SLOW)
    assert await page.evaluate("window.evil") is None


async def test_by_keys_alone_a_ticket_is_signed_and_answered(site: Site) -> None:
    number = await site.desk.sent(title="只用键盘")
    page = await opened(site, "li", number)
    await tab_to(page, "签收")
    await page.keyboard.press("Enter")
    await expect(page.locator(".badge.state")).to_have_text("已签收", timeout=SLOW)
    await tab_to(page, "答复…")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("给诉求人的答复")).to_be_focused(timeout=SLOW)
    await page.keyboard.type("u[]?j")  # letters, not keys of the page
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".badge.state")).to_have_text("已答复", timeout=SLOW)
    assert (await site.desk.ticket(number)).reply == "u[]?j"


async def tab_to(page: Page, words: str) -> None:
    """As somebody without a mouse gets there."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement?.textContent") == words:
            return
    raise AssertionError(f"Tab never reaches {words}")


async def test_the_slip_prints_on_a4(site: Site) -> None:
    number = await site.desk.sent(title="打印交办单", address="云江路12号")
    page = await site.window("li", f"/tickets/{number}/print")
    await expect(page.locator("h1")).to_have_text("12345 政务服务便民热线工单交办单")
    (sheet,) = PdfReader(io.BytesIO(await page.pdf(prefer_css_page_size=True))).pages
    assert (round(sheet.mediabox.width), round(sheet.mediabox.height)) == (595, 842)
    text = unicodedata.normalize("NFKC", sheet.extract_text())  # fonts name some hanzi by their radicals
    for words in (number, "打印交办单", "云江路12号", "市城市管理局", "138****8000", "职责明确"):
        assert words in text
    assert "回到工单" not in text
    await picture(page, "tickets-slip.png")
    stranger = await site.window("wang", f"/tickets/{number}/print")
    assert "没有查到" in await stranger.content()


async def test_returned_with_a_ground_and_out_of_sight(site: Site) -> None:
    number = await site.desk.file(
        title="退回的事", content="云江路12号门口的路灯坏了", ago=timedelta(hours=1)
    )
    await site.desk.act("pai", number, A.DISPATCH, given=Given(department=CITY))
    page = await opened(site, "li", number)
    await press(page, A.RETURN)
    await page.get_by_label("退单依据").select_option(index=1)
    await page.get_by_label("退单理由").fill("应由市水务局办理")
    await page.get_by_role("form").get_by_role("button", name="退单", exact=True).click()
    await expect(page.locator(".badge.state")).to_have_text("退回重派", timeout=SLOW)
    assert (await site.desk.ticket(number)).state is State.RETURNED
