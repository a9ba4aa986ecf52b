"""The port `NoticeLedger`: what was accepted is unfinished until it was sent or has failed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.notices import DictLedger
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.notices import SqlNotices
from voicebot.operations.notices import Notice, NoticeLedger

SMS = Notice("c1-1", "短信", MORNING, "c1", "move.tell", "13800000000", "请挪车", (("plate", "云A1"),))


@pytest.fixture(params=["memory", pytest.param("sqlite", marks=pytest.mark.integration)])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[NoticeLedger]:
    if request.param == "memory":
        yield DictLedger()
        return
    database = await Database.open(tmp_path / "hotline.sqlite3")
    yield SqlNotices(database, HandClock())
    await database.close()


async def test_accepted_is_unfinished_and_whole(ledger: NoticeLedger) -> None:
    second = replace(SMS, id="c1-2", phone="", slots=())
    await ledger.accepted(SMS)
    await ledger.accepted(second)
    assert list(await ledger.unfinished()) == [SMS, second]


async def test_sent_and_failed_are_finished(ledger: NoticeLedger) -> None:
    for number in range(3):
        await ledger.accepted(replace(SMS, id=str(number)))
    await ledger.sent(replace(SMS, id="0"))
    await ledger.failed(replace(SMS, id="2"), "notify.refused")
    assert [notice.id for notice in await ledger.unfinished()] == ["1"]


async def test_what_was_never_accepted_may_be_told_all_the_same(ledger: NoticeLedger) -> None:
    await ledger.sent(SMS)
    await ledger.failed(replace(SMS, id="c1-2"), "notify.busy")
    assert not await ledger.unfinished()
