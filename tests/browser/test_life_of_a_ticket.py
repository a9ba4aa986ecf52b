"""A ticket's whole life on real parts, and the calls that the hotline owes: rated, busy, nobody there."""

import contextlib
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Launch
from tests.browser.town import Town
from tests.integration.e2e.caller import PATIENCE, Caller, Tape, calling
from tests.peers.hotline import PASSWORD, eventually, told
from tests.peers.softphone import Softphone, needs_pjsip
from tests.peers.voices import needs_caller_voice
from voicebot.adapters.db.accounts import SqlAccounts
from voicebot.adapters.db.database import FILE_NAME, Database
from voicebot.adapters.wall_clock import WallClock
from voicebot.operations.ports import Role
from voicebot.tickets.ticket import TicketAction as A

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180), needs_pjsip]

PERSON, BUSY, AWAY = "13800008000", "13800008001", "13800008002"
MATTER: Final = "反映人民路小学门口的路灯昨天晚上就坏了"
CITY: Final = "市城市管理局"
OF_CALL: Final = "SELECT * FROM ticket WHERE channel = 'phone' AND phone_mask = '138****8000'"
SLOW: Final = 15_000
"""ms, on a busy machine."""


@pytest.fixture
async def database(running_hotline: Town) -> AsyncIterator[Database]:
    opened = await Database.open(running_hotline.data / FILE_NAME)
    try:
        yield opened
    finally:
        await opened.close()


async def rates(town: Town, phone: Softphone, tape: Tape) -> None:
    """Takes the call and answers with keys, each as soon as the question begins."""
    await phone.answer(record=tape.path)
    await phone.wait_for("CONFIRMED")
    caller = Caller(phone, tape)
    calls = "SELECT id FROM call WHERE outbound AND flow = 'revisit' AND ended_at IS NULL"
    rounds = f"SELECT 1 FROM call_turn WHERE call_id IN ({calls})"
    for done, key in enumerate("1115"):  # it is me; go on; solved; five points
        await eventually(lambda n=done: len(town.rows(rounds)) >= n)  # type: ignore[misc]
        await caller.begins()
        await caller.press(key)
    await phone.wait_for("DISCONNECTED", 30)


async def filed(town: Town, folder: Path) -> str:
    """Somebody calls and reports a lamp; the number of the ticket."""
    async with calling(town, folder, PERSON, MATTER) as caller:
        await caller.ask(MATTER)
        await caller.press("1")  # it was noted well
        with contextlib.suppress(TimeoutError):  # what was said instead is told below
            await eventually(lambda: bool(town.rows(OF_CALL)), PATIENCE)
        await caller.hang_up()
    async with town.api() as api:
        call = await api.ended_call(PERSON)
    filed = town.rows(OF_CALL)
    assert len(filed) == 1, told(call)
    (row,) = filed
    assert row["call_id"] == call["call_id"], told(call)
    assert (row["channel"], row["object"]) == ("phone", "路灯"), row
    return str(row["ticket_no"])


async def signed_in(browser: Browser, town: Town, database: Database) -> Page:
    """A handler of the unit in charge, at the list of what was sent there."""
    await SqlAccounts(database, WallClock()).create("li", PASSWORD, Role.HANDLER, CITY)
    page = await browser.new_page(locale="zh-CN")
    await page.goto(f"{town.url}/tickets/")
    await page.get_by_label("账号").fill("li")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await expect(page).to_have_url(f"{town.url}/tickets/")
    return page


async def worked_on(page: Page, ticket_no: str) -> None:
    """It is on the handler's list, who signs, replies and closes it."""
    await page.locator(f"a[href*='{ticket_no}']").first.click()
    for action, state in ((A.SIGN, "已签收"), (A.START, "办理中")):
        await page.locator(f"button[data-action={action}]").click()
        await expect(page.locator(".badge.state")).to_have_text(state)
    await page.locator(f"button[data-action={A.REPLY}]").click()
    form = page.get_by_role("form", name="答复")
    await form.get_by_label("给诉求人的答复").fill("路灯已经修好，今晚会亮")
    await form.get_by_role("button", name="答复", exact=True).click()
    await expect(page.locator(".badge.state")).to_have_text("已答复")
    await page.locator(f"button[data-action={A.CLOSE}]").click()
    await expect(page.locator(".badge.state")).to_have_text(re.compile("已办结|回访中"))


@needs_caller_voice
async def test_a_call_is_worked_on_and_its_caller_rates(
    launch: Launch, running_hotline: Town, database: Database, tmp_path: Path
) -> None:
    town = running_hotline
    expect.set_options(timeout=SLOW)
    async with launch() as browser:
        page = await signed_in(browser, town, database)
        ticket_no = await filed(town, tmp_path)
        await expect(page.locator(f"a[href*='{ticket_no}']").first).to_be_visible()  # no person dispatched it
        async with town.phone(180) as phone:
            await worked_on(page, ticket_no)
            ringing = await phone.rings(PATIENCE)
            assert f"INVITE sip:{PERSON}@" in ringing["message"]
            assert "P-Preferred-Identity: <sip:12345@127.0.0.1>" in ringing["message"]
            await rates(town, phone, Tape(tmp_path / "rating.wav"))
            outcome, row = await town.tried(ticket_no)
        assert (outcome, row["over"]) == ("done", "done")
        await expect(page.locator(".timeline > li .what").first).to_have_text("回访结果")
        await expect(page.locator("body")).to_contain_text("诉求人评分 5 分")
    ticket = town.ticket(ticket_no)
    assert (ticket["rating"], ticket["solved"], ticket["state"]) == (5, 1, "callback")
    (call,) = town.rows("SELECT * FROM call WHERE outbound AND flow = 'revisit' AND score IS NOT NULL")
    assert (call["score"], call["reason"]) == (5, "done")
    turns = town.rows('SELECT * FROM call_turn WHERE call_id = ? ORDER BY "index"', call["id"])
    replies = [turn["reply"] for turn in turns]
    assert ticket["title"] not in replies[0]
    assert any(f"{ticket['title']}，部门已经办结" in reply for reply in replies), replies


async def test_a_line_that_is_busy_and_one_that_nobody_answers(
    running_hotline: Town, database: Database
) -> None:
    town = running_hotline
    async with town.phone(486):
        engaged = await town.closed_ticket(database, BUSY)
        outcome, row = await town.tried(engaged)
    assert (outcome, row["over"]) == ("busy", "")
    assert _in(row["due"]) == pytest.approx(timedelta(minutes=10).total_seconds(), abs=60)

    async with town.phone(180) as phone:
        away = await town.closed_ticket(database, AWAY)
        await phone.rings(PATIENCE)
        outcome, row = await town.tried(away)
        await phone.wait_for("DISCONNECTED", 10)
    assert (outcome, row["over"]) == ("no_answer", "")
    assert _in(row["due"]) > timedelta(hours=1).total_seconds()
    tried = town.rows("SELECT body FROM outbox WHERE subject = 'callback.tried' ORDER BY id")
    assert [json.loads(event["body"])["outcome"] for event in tried][-2:] == ["busy", "no_answer"]


def _in(stored: str) -> float:
    """Seconds from now until a stored moment."""
    return (datetime.fromisoformat(stored).replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
