"""The administrators' page for flows in a real Chromium."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.flow_kit import OWN, FlowPages, flow_pages
from voicebot.operations.content import Change, Draft
from voicebot.operations.content_changes import label_of
from voicebot.operations.outcomes import Outcomes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(90),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: apt install chromium)"),
]

SCREEN: Final = ViewportSize(width=1366, height=768)
PICTURES: Final = os.environ.get("VOICEBOT_TEST_PICTURES", "")
"""Where pictures of the page go, e.g. docs/images; nowhere when empty."""
SLOW: Final = 15_000
"""ms for what takes a check of the whole content on a busy machine."""
ACTIVE: Final = ".tab-body:not(.hidden) .cm-activeLine"
LAMP: Final = "ivr_flows/lamp.yaml"
HUMAN: Final = "ivr_flows/human.yaml"


class Site:
    """The served pages and one Chromium for all tests of this file."""

    def __init__(self, port: int, pages: FlowPages, browser: Browser) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.pages = pages
        self.browser = browser
        self.complaints: list[str] = []

    async def window(self, name: str, path: str = "/flows/") -> Page:
        """A window of its own in which `name` is signed in."""
        context = await self.browser.new_context(viewport=SCREEN, locale="zh-CN")
        return await self.sign_in(context, name, path)

    async def sign_in(self, context: BrowserContext, name: str, path: str) -> Page:
        session = await self.pages.web.accounts.sign_in(name, "pw")
        assert session is not None
        await context.add_cookies([{"name": "voicebot_session", "value": session, "url": self.url}])
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._listen)
        await page.goto(self.url + path)
        return page

    def _listen(self, message: object) -> None:
        if getattr(message, "type", "") == "error":
            self.complaints.append(getattr(message, "text", ""))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def site() -> AsyncIterator[Site]:
    async with contextlib.AsyncExitStack() as stack:
        port, pages = await stack.enter_async_context(flow_pages())
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield Site(port, pages, browser)
        finally:
            await browser.close()


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def nobody_has_drafts(site: Site) -> AsyncIterator[None]:
    """One test's drafts are no other's."""
    yield
    for context in site.browser.contexts:
        await context.close()
    for draft in await site.pages.store.drafts():
        await site.pages.store.drop_draft(draft.path, draft.author)
    site.complaints.clear()


async def opened(site: Site, flow: str, name: str = "zhang") -> Page:
    """The editor of a flow, checked and drawn."""
    page = await site.window(name, f"/flows/{flow}")
    await expect(page.locator(".check")).not_to_have_text("正在检查…", timeout=SLOW)
    await expect(page.locator(".picture svg g.node").first).to_be_visible(timeout=SLOW)
    return page


async def put_after(page: Page, words: str, typed: str) -> None:
    """Puts the cursor behind a line of the text and types."""
    await page.locator(".cm-line", has_text=words).first.click()
    await page.keyboard.press("End")
    await page.keyboard.type(typed)


async def picture(page: Page, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / name)


async def test_seats_are_kept_out_and_editors_find_the_link(site: Site) -> None:
    seat = await site.window("seat", "/flows/")
    assert "您的账号没有这项权限" in await seat.content()
    await seat.goto(site.url + "/")
    await expect(seat.locator("#me")).to_have_text("seat")
    await expect(seat.get_by_role("link", name="流程")).to_have_count(0)
    page = await site.window("zhang", "/")
    await page.get_by_role("link", name="流程").click()
    await expect(page.locator("tbody tr", has_text="路灯报修")).to_contain_text("使用中")
    await expect(page.locator("tbody tr", has_text="路灯报修").locator(".percent")).to_be_visible(
        timeout=30_000
    )
    site.complaints.clear()  # what the browser says of 403 above
    await picture(page, "flows-list.png")
    await page.get_by_role("link", name="路灯报修").click()
    await expect(page.locator("h1")).to_have_text("路灯报修")


async def test_what_people_write_is_text_and_no_script(site: Site) -> None:
    """In the title and in what is said: in the page itself, in the list, in the drawing."""
    evil = "</script><script>window.evil = 1</script><img src=x onerror='window.evil = 1'>"
    path = "ivr_flows/evil.yaml"
    text = OWN[LAMP].replace("flow: lamp", "flow: evil").replace("title: 路灯报修", f'title: "{evil}"')
    text = text.replace("prompt: ", f'prompt: "{evil}"  # ', 1)
    assert text.count(evil) == 2
    await site.pages.store.save_draft(Draft(path, "zhang", 0, text, site.pages.clock.now()))
    page = await site.window("zhang")
    await expect(page.locator("tbody tr", has_text="window.evil")).to_be_visible(timeout=30_000)
    assert await page.evaluate("window.evil") is None
    page = await site.window("zhang", "/flows/evil")
    await expect(page.locator("h1")).to_contain_text("window.evil")
    await expect(page.locator(".check")).not_to_have_text("正在检查…", timeout=SLOW)
    assert await page.evaluate("window.evil") is None


async def test_a_mistake_is_shown_at_its_line_while_typing(site: Site) -> None:
    page = await opened(site, "lamp")
    await page.locator(".cm-line", has_text="start: what").click()
    await page.keyboard.press("End")
    await page.keyboard.type("er")
    wrong = page.locator(".cm-line.marked.error", has_text="start: whater")
    await expect(wrong).to_be_visible(timeout=SLOW)
    await expect(page.locator(".check")).to_contain_text("个错误")
    await expect(page.get_by_role("button", name="发布…")).to_be_disabled()
    await page.locator(".cm-line", has_text="slots:").first.click()
    listed = page.locator(".problem-list li", has_text="whater")
    await expect(listed).to_contain_text("是否指 what？")
    await picture(page, "flows-error.png")
    await listed.get_by_role("button").click()
    await expect(page.locator(ACTIVE)).to_have_text(await wrong.inner_text())
    await page.keyboard.press("End")
    await page.keyboard.press("Backspace")
    await page.keyboard.press("Backspace")
    await expect(page.locator(".check")).to_have_text("没有错误", timeout=SLOW)
    await expect(page.locator(".badge.draft")).to_have_count(0)  # it is what is live again
    assert await site.pages.store.drafts(LAMP) == []
    assert site.complaints == []


async def test_drawing_and_text_point_at_each_other(site: Site) -> None:
    page = await opened(site, "lamp")
    await page.locator(".picture g.node", has_text="where_again").click()
    await expect(page.locator(ACTIVE)).to_have_text("  where_again:")
    await page.keyboard.press("ArrowUp")
    await expect(page.locator(".picture g.node.here")).to_contain_text("confirm")
    await put_after(page, "当面告诉", "") if await page.locator(
        ".cm-line", has_text="当面告诉"
    ).count() else None
    await page.locator(".picture g.node", has_text="我来登记").click()
    await expect(page.locator(ACTIVE)).to_have_text("  what:")
    before = await page.locator(".picture").get_attribute("data-drawn")
    await put_after(page, "好的，我来登记。请说说是什么事。", "谢谢。")
    await expect(page.locator(".picture g.node", has_text="谢谢")).to_be_visible(timeout=SLOW)
    assert await page.locator(".picture").get_attribute("data-drawn") != before
    await page.get_by_role("button", name="放弃草稿").click()
    await page.get_by_role("button", name="放弃", exact=True).click()
    await expect(page.locator(".cm-line", has_text="谢谢。")).to_have_count(0)
    await expect(page.get_by_role("button", name="放弃草稿")).to_be_disabled(timeout=SLOW)


async def test_what_may_be_written_is_offered_and_explained(site: Site) -> None:
    page = await opened(site, "lamp")
    await page.locator(".picture g.node", has_text="我来登记").click()
    await page.locator(".cm-line", has_text="next: where").click()
    await page.keyboard.press("End")
    for _letter in "where":
        await page.keyboard.press("Backspace")
    await page.keyboard.type("mo")
    await expect(page.locator(".cm-tooltip-autocomplete li[aria-selected]")).to_contain_text("moment")
    await page.locator(".cm-tooltip-autocomplete li").click()
    await expect(page.locator(ACTIVE)).to_have_text("    next: moment")
    await page.locator(".cm-line", has_text="kind: ask").first.click()
    await page.keyboard.press("End")
    for _letter in "ask":
        await page.keyboard.press("Backspace")
    await page.keyboard.press("Control+Space")
    await expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("问一个问题，等回答")
    await picture(page, "flows-complete.png")
    await page.keyboard.press("Escape")
    await page.get_by_label("流程的文字（YAML）").press("Control+Home")
    await page.locator(".cm-line", has_text="title:").first.hover(position={"x": 20, "y": 8})
    await expect(page.locator(".cm-tooltip .hint")).to_have_text("给人看的名称")


async def test_a_trial_call_by_words_keys_and_silence(site: Site) -> None:
    page = await opened(site, "lamp")
    talk = page.locator(".talk")
    await expect(talk).to_contain_text("我来登记", timeout=SLOW)
    say = page.get_by_label("来电人说")
    for words, answer in (
        ("小区门口的路灯不亮了", "请问在什么地方？"),
        ("人民路八号", "什么时候"),
        ("昨天晚上", "核对"),
    ):
        await say.fill(words)
        await say.press("Enter")
        await expect(talk.locator(".bot").last).to_contain_text(answer, timeout=SLOW)
    await expect(page.locator(".facts")).to_contain_text("地点：人民路八号")
    await expect(page.locator(".facts .state")).to_have_text("核对")
    await expect(page.locator(".picture g.node.now")).to_contain_text("confirm")
    await page.get_by_role("button", name="不出声").click()
    await expect(talk.locator(".caller").last).to_contain_text("不出声")
    await page.get_by_role("button", name="退一步").click()
    await expect(talk.locator(".caller").last).to_contain_text("昨天晚上")
    await page.locator(".keys button", has_text="1").first.click()
    await expect(talk.locator(".effect").first).to_contain_text("登记工单")
    await expect(talk.locator(".bot").last).to_contain_text("工单号")
    await picture(page, "flows-trial-call.png")
    await page.get_by_text("打来时的情况、办事的结果").click()
    await page.get_by_label("登记的结果").select_option(label="工单：存不上")
    await expect(talk).to_contain_text("转接")
    await picture(page, "flows-circumstances.png")
    await page.get_by_role("button", name="重新打").click()
    await expect(talk.locator(".caller")).to_have_count(0)
    assert site.complaints == []


async def test_test_calls_run_with_coverage_and_lead_to_lines(site: Site) -> None:
    page = await opened(site, "score")
    await page.get_by_label("流程的文字（YAML）").click()
    await page.keyboard.press("Control+Enter")
    note = page.locator(".tests .note")
    await expect(note).to_contain_text("100%", timeout=SLOW)
    await page.get_by_role("tab", name="测试通话").click()
    box = page.get_by_label("测试通话的文字（YAML）")
    await box.click()
    await page.keyboard.press("Control+A")
    await page.keyboard.type("- name: 给五分\n")
    await page.keyboard.type("flow: score\nsteps:\n- caller: 五分\n")
    await page.keyboard.type("says: 没有这句话")
    await page.keyboard.press("Control+Enter")
    await expect(note).to_contain_text("1 没通过", timeout=SLOW)
    failure = page.locator(".result-list li.error").first
    await expect(failure).to_contain_text("应说「没有这句话」")
    uncovered = page.locator(".result-list li.uncovered").first
    await expect(uncovered).to_contain_text("没有试过")
    await uncovered.get_by_role("button").click()
    await expect(page.locator(".cm-line.marked.uncovered").first).to_be_visible()
    await picture(page, "flows-tests.png")
    await page.get_by_role("button", name="放弃草稿").click()
    await page.get_by_role("button", name="放弃", exact=True).click()
    await expect(page.locator(".badge.draft")).to_have_count(0, timeout=SLOW)


async def publish(page: Page, note: str, share: str = "") -> None:
    await page.get_by_role("button", name="发布…").click()
    dialog = page.get_by_role("dialog", name="发布").locator(".body")
    await expect(dialog).to_contain_text("之后的新来电用新版本", timeout=SLOW)
    await expect(dialog.get_by_role("button", name="发布")).to_be_disabled()
    await dialog.get_by_role("textbox").fill(note)
    if share:
        await dialog.get_by_text(share).click()
    await dialog.get_by_role("button", name="发布").click()


async def test_publish_and_go_back(site: Site) -> None:
    store = site.pages.store
    before = (await store.live()).texts[HUMAN]
    site.pages.outcomes.in_flow = {"human": 2}
    page = await opened(site, "human")
    await page.locator(".cm-line").first.click()
    await page.keyboard.press("Home")
    await page.keyboard.type("# 张三的注释\n")
    await expect(page.locator(".badge.draft")).to_be_visible(timeout=SLOW)
    await page.get_by_role("button", name="发布…").click()
    await expect(page.get_by_role("dialog", name="发布").locator(".body")).to_contain_text(
        "必填", timeout=SLOW
    )
    await picture(page, "flows-publish.png")
    await page.get_by_role("button", name="取消").click()
    await publish(page, "加一行注释")
    await expect(page.locator(".q-notification")).to_contain_text("已发布", timeout=SLOW)
    live = await store.live()
    assert live.texts[HUMAN] == "# 张三的注释\n" + before
    version = (await store.history(HUMAN))[0]
    assert (version.author, version.note) == ("zhang", "加一行注释")
    assert await store.drafts(HUMAN) == []
    await page.get_by_role("tab", name="版本记录").click()
    rows = page.locator(".version-list > li")
    await expect(rows).to_have_count(2)
    await rows.first.get_by_role("button", name="改了什么").click()
    await expect(page.locator(".diff .add")).to_have_text("+# 张三的注释")
    await picture(page, "flows-versions.png")
    await page.keyboard.press("Escape")
    await rows.last.get_by_role("button", name="退回这一版").click()
    await page.get_by_role("button", name="退回", exact=True).click()
    await expect(page.locator(".cm-line", has_text="张三的注释")).to_have_count(0, timeout=SLOW)
    assert (await store.live()).texts[HUMAN] == before
    assert (await store.releases(HUMAN))[0].change is Change.ROLLBACK
    assert site.complaints == []


async def test_two_people_and_nothing_is_overwritten(site: Site) -> None:
    store = site.pages.store
    zhang = await opened(site, "status")
    await zhang.locator(".cm-line").first.click()
    await zhang.keyboard.press("Home")
    await zhang.keyboard.type("# 张\n")
    await expect(zhang.locator(".badge.draft")).to_be_visible(timeout=SLOW)
    wang = await opened(site, "status", "wang")
    await expect(wang.locator(".banner.other")).to_contain_text("zhang 也在改这个流程")
    await wang.locator(".cm-line").first.click()
    await wang.keyboard.press("Home")
    await wang.keyboard.type("# 王\n")
    await expect(wang.locator(".badge.draft")).to_be_visible(timeout=SLOW)
    await zhang.get_by_role("button", name="发布…").click()  # both have decided to publish
    await expect(zhang.get_by_role("dialog", name="发布").locator(".body")).to_be_visible(timeout=SLOW)
    await publish(wang, "王先发布")
    await expect(wang.locator(".q-notification")).to_contain_text("已发布", timeout=SLOW)
    form = zhang.get_by_role("dialog", name="发布").locator(".body")
    await form.get_by_role("textbox").fill("张也想发布")
    await form.get_by_role("button", name="发布").click()
    told = zhang.locator(".q-dialog .dialog", has_text="别人先发布了")
    await expect(told).to_contain_text("wang 发布了第 2 版", timeout=SLOW)
    await expect(told.locator(".diff .add")).to_have_text("+# 王")
    await picture(zhang, "flows-overtaken.png")
    path = "ivr_flows/status.yaml"
    assert (await store.live()).texts[path].startswith("# 王\n")
    (draft,) = await store.drafts(path)
    assert draft.text.startswith("# 张\n")
    await zhang.get_by_role("button", name="知道了").click()
    await expect(zhang.locator(".banner.overtaken")).to_be_visible(timeout=SLOW)
    await zhang.get_by_role("button", name="我已看过，接着改").click()
    await expect(zhang.locator(".banner.overtaken")).to_have_count(0, timeout=SLOW)


async def test_a_reload_and_a_second_window_lose_nothing(site: Site) -> None:
    page = await opened(site, "overload")
    await page.locator(".cm-line").first.click()
    await page.keyboard.press("Home")
    await page.keyboard.type("# 一\n")
    await expect(page.locator(".badge.draft")).to_be_visible(timeout=SLOW)
    await page.reload()
    await expect(page.locator(".cm-line").first).to_have_text("# 一", timeout=SLOW)
    other = await site.sign_in(page.context, "zhang", "/flows/overload")
    await expect(other.locator(".cm-line").first).to_have_text("# 一", timeout=SLOW)
    await other.locator(".cm-line").first.click()
    await other.keyboard.press("End")
    await other.keyboard.type("二")
    await expect(other.locator(".picture svg")).to_be_visible(timeout=SLOW)
    await until_draft(site, "ivr_flows/overload.yaml", "# 一二\n")
    await page.locator(".cm-line").first.click()
    await page.keyboard.press("End")
    await page.keyboard.type("三")
    banner = page.locator(".banner.unsaved")
    await expect(banner).to_contain_text("另一个窗口", timeout=SLOW)
    await until_draft(site, "ivr_flows/overload.yaml", "# 一二\n")
    await banner.get_by_role("button", name="用那边的").click()
    await expect(page.locator(".cm-line").first).to_have_text("# 一二")


async def until_draft(site: Site, path: str, begin: str | None) -> None:
    """Waits for a draft that begins so, or for there to be none."""
    async with asyncio.timeout(10):
        while True:
            drafts = await site.pages.store.drafts(path)
            if (begin is None and not drafts) or (begin and drafts and drafts[0].text.startswith(begin)):
                return
            await asyncio.sleep(0.05)


async def test_what_cannot_be_saved_stays_in_the_browser_and_is_saved_later(site: Site) -> None:
    path = "ivr_flows/overload.yaml"
    page = await opened(site, "overload")
    page.on("dialog", lambda dialog: dialog.accept())  # leave though not saved
    await page.route("**/flows/draft", lambda route: route.abort())
    await page.locator(".cm-line").first.click()
    await page.keyboard.press("Home")
    await page.keyboard.type("# 断网时写的\n")
    await expect(page.locator(".text[data-trouble=offline]")).to_be_visible(timeout=SLOW)
    assert await site.pages.store.drafts(path) == []
    await page.reload()
    await expect(page.locator(".cm-line").first).to_have_text("# 断网时写的", timeout=SLOW)
    await page.unroute("**/flows/draft")
    await until_draft(site, path, "# 断网时写的\n")
    await expect(page.locator(".text[data-trouble=offline]")).to_have_count(0, timeout=SLOW)


async def test_an_ended_session_stores_and_publishes_nothing(site: Site) -> None:
    path = "ivr_flows/overload.yaml"
    page = await opened(site, "overload")
    sessions = site.pages.web.accounts.sessions
    ended = dict(sessions)
    sessions.clear()
    await page.locator(".cm-line").first.click()
    await page.keyboard.press("Home")
    await page.keyboard.type("# x\n")
    await expect(page.locator(".banner.unsaved")).to_contain_text("登录已过期", timeout=SLOW)
    assert await site.pages.store.drafts(path) == []
    sessions.update(ended)
    await page.keyboard.type("# y\n")
    await until_draft(site, path, "# x\n# y\n")
    await expect(page.get_by_role("button", name="发布…")).to_be_enabled(timeout=SLOW)
    sessions.clear()
    page.on("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name="发布…").click()
    await page.wait_for_url("**/login?next=**")
    sessions.update(ended)


async def test_a_text_with_windows_line_ends_comes_back_byte_for_byte(site: Site) -> None:
    store = site.pages.store
    path = "ivr_flows/callback.yaml"
    live = await store.live()
    text = "# 注释  保留 # 这里\r\n" + live.texts[path].replace("\n", "\r\n").rstrip("\r\n")
    await store.release(Change.PUBLISH, {path: text}, author="wang", note="CRLF", expected=live.revision)
    page = await opened(site, "callback")
    await page.locator(".cm-line").first.click()
    await page.keyboard.press("End")
    await page.keyboard.type("!")
    await until_draft(site, path, "# 注释  保留 # 这里!\r\n")
    assert (await store.drafts(path))[0].text == text.replace("这里", "这里!", 1)
    await page.keyboard.press("Backspace")
    await until_draft(site, path, None)  # it is what is live again, byte for byte


async def test_a_new_flow_from_a_template_on_trial_then_for_all(site: Site) -> None:
    store = site.pages.store
    page = await site.window("zhang", "/flows/")
    await page.get_by_role("button", name="新建流程…").click()
    form = page.get_by_role("dialog", name="新建流程").locator(".body")
    await form.get_by_placeholder("例如：挪车").fill("停水公告")
    await form.get_by_placeholder("例如：move_car").fill("ticket")
    await expect(form).to_contain_text("已经有这个名字的流程")
    await form.get_by_placeholder("例如：move_car").fill("water")
    await form.get_by_label("样子").select_option(label="播报一段话")
    await form.get_by_role("button", name="新建").click()
    await expect(page.locator("h1")).to_have_text("停水公告", timeout=SLOW)
    await expect(page.locator(".check")).to_have_class("check good", timeout=SLOW)
    await publish(page, "先试试", "10%")
    await expect(page.locator(".banner.trial")).to_be_visible(timeout=SLOW)
    live = await store.live()
    began = label_of(live.trial_revision, trial=True)
    assert live.trial_numbers == {"ivr_flows/water.yaml": 1}
    assert live.share == pytest.approx(0.1)
    site.pages.outcomes.by_content = {began: Outcomes(3, human=1, answered=2)}
    await page.get_by_role("button", name="效果怎么样").click()
    await expect(page.locator(".figures tr", has_text="转人工")).to_contain_text("1（33%）")
    await page.get_by_role("button", name="关闭").click()
    await page.get_by_role("button", name="全部使用…").click()
    await page.get_by_role("button", name="全部使用", exact=True).click()
    await expect(page.locator(".banner.trial")).to_have_count(0, timeout=SLOW)
    assert "ivr_flows/water.yaml" in (await store.live()).texts
