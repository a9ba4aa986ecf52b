"""Sign-in and console in a real Chromium."""

import wave
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser.conftest import Launch
from tests.fakes.demands import lamp
from tests.integration.web.kit import serving
from tests.unit.web.fakes import Web, call_view, turn
from voicebot.core.ids import CallId
from voicebot.operations.ticket_desk import TicketDesk
from voicebot.web.app import server_config
from voicebot.web.ports import Role

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

DESK: Final = ViewportSize(width=1200, height=800)
EVIL: Final = "<img src=x onerror=alert(1)>"


def web_with(tmp_path: Path, role: Role) -> Web:
    web = Web(tmp_path)
    web.accounts.accounts["user"] = ("right", role)
    first = turn(1, EVIL, "带上身份证，到任一社保服务网点就能补办。")
    second = turn(
        2, "路灯坏了", "好的，请问在什么位置？", interrupted=True, heard="好的，", action="ask", article=None
    )
    web.calls.views = [call_view(n) for n in range(25, 1, -1)] + [
        call_view(1, first, second, recording="1.wav")
    ]
    with wave.open(str(tmp_path / "1.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(16_000))
    return web


async def test_sign_in_look_at_a_call_and_sign_out(launch: Launch, tmp_path: Path) -> None:
    web = web_with(tmp_path, Role.SUPERVISOR)
    desk = TicketDesk(web.tickets.store, web.clock)
    for number in range(5):
        await desk.file(lamp(phone=f"1380000000{number}", call_id=CallId(str(number))))
    async with serving(web.app, server_config) as port, launch() as browser:
        page = await browser.new_page(viewport=DESK, locale="zh-CN", timezone_id="America/New_York")
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"http://127.0.0.1:{port}/")
        await page.get_by_label("账号").fill("user")
        await page.get_by_label("密码").fill("wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("账号或密码不对")
        await expect(page.get_by_label("账号")).to_have_value("user")
        await page.get_by_label("密码").fill("right")
        await page.keyboard.press("Enter")
        await expect(page.locator("#part-list")).to_contain_text("fallback, not Vosk")
        await expect(page.locator("#part-list")).to_contain_text("识别")
        await expect(page.locator("#call-rows tr")).to_have_count(20)
        city = web.calls.views[0].started.strftime("%m/%d %H:%M")
        await expect(page.locator("#call-rows button").first).to_have_text(city)
        await expect(page.locator("#ticket-rows tr")).to_have_count(5)
        await expect(page.locator("#ticket-rows tr").first).to_contain_text("已受理")
        await page.get_by_role("button", name="更早的通话").click()
        await expect(page.locator("#call-rows tr")).to_have_count(25)
        await page.locator("#call-rows button").last.click()
        await expect(page.locator("#turns li")).to_have_count(2)
        await expect(page.locator("#turns")).to_contain_text(EVIL)
        await expect(page.locator("#turns")).to_contain_text("好的，（被打断）")
        assert await page.locator("#turns img").count() == 0
        seconds = await page.locator("#recording").evaluate(
            """(audio) => new Promise((done) => {
              audio.onloadedmetadata = () => done(audio.duration);
              audio.load();
            })"""
        )
        assert seconds == 1.0
        await page.get_by_role("button", name="退出").click()
        await expect(page.get_by_label("密码")).to_be_visible()
        await page.goto(f"http://127.0.0.1:{port}/")
        assert page.url.endswith("/login")
        assert complaints == []
    assert web.accounts.sessions == {}


async def test_an_editor_is_told_that_calls_are_not_for_them(launch: Launch, tmp_path: Path) -> None:
    web = web_with(tmp_path, Role.EDITOR)
    async with serving(web.app, server_config) as port, launch() as browser:
        page = await browser.new_page(viewport=DESK)
        await page.goto(f"http://127.0.0.1:{port}/login")
        await page.get_by_label("账号").fill("user")
        await page.get_by_label("密码").fill("right")
        await page.get_by_role("button", name="登录").click()
        await expect(page.locator("#call-rows")).to_contain_text("您的账号没有这项权限")
        await expect(page.locator("#part-list")).to_contain_text("识别")
