"""How calls went, by the content they were served with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.postgresql import emptied_postgresql
from tests.fakes.clocks import HandClock
from tests.fakes.content import MemoryContentStore
from voicebot.adapters.bus import BusOutcomes, InProcessBus, serve_running
from voicebot.adapters.db.calls import SqlJournal
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.outcomes import SqlOutcomes
from voicebot.calls.ports import LineInfo
from voicebot.calls.records import TurnRecord
from voicebot.core.ids import CallId
from voicebot.operations.content import Change
from voicebot.operations.outcomes import Outcomes, Running, compare_trial

pytestmark = pytest.mark.integration

MAIN = "ivr_flows/main.yaml"


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "postgresql":
        made = await emptied_postgresql(tmp_path)
    else:
        made = await Database.open(tmp_path / "hotline.sqlite3")
    yield made
    await made.close()


class Calls:
    """Writes calls as the line does."""

    def __init__(self, database: Database) -> None:
        self._journal = SqlJournal(database, HandClock())
        self._number = 0

    async def one(
        self,
        content: str,
        *actions: str,
        reason: str | None = "caller",
        score: int | None = None,
        flow: str = "main",
    ) -> None:
        """A call with a turn for each action; `reason` None: it still runs."""
        self._number += 1
        call_id = CallId(f"c{self._number}")
        await self._journal.opened(LineInfo(call_id, "", "12345", "phone", 8000), flow, content)
        for index, action in enumerate(actions):
            await self._journal.turn(call_id, turn(index, action))
        if score is not None:
            await self._journal.rated(call_id, score)
        if reason is not None:
            await self._journal.closed(call_id, reason, "", None)


def turn(index: int, action: str) -> TurnRecord:
    return TurnRecord(index, "", 1.0, "", "", "", action, None, None, "", "", 0.0, 0.0, 0.0, False)


async def test_each_call_counts_once_by_the_most_that_was_done(database: Database) -> None:
    calls = Calls(database)
    await calls.one("r2", "greet", "answer", "answer")
    await calls.one("r2", "greet", "answer", "ticket_created", reason="done", score=5)
    await calls.one("r2", "greet", "ticket_created", "transfer_human", reason="done", score=2)
    await calls.one("r2", "greet", "repair", "repair")
    await calls.one("r2", reason="lost")
    await calls.one("r2+trial", "greet", "callback")
    await calls.one("r1", "greet", "answer")
    await calls.one("r2", "greet", reason=None)
    reader = SqlOutcomes(database)
    found = await reader.outcomes(["r2", "r2+trial", "r9"])
    assert found == {
        "r2": Outcomes(
            calls=5, human=1, ticket=1, answered=1, abandoned=1, turns=12, repairs=2, scores=2, score=7
        ),
        "r2+trial": Outcomes(calls=1, ticket=1, turns=2),
    }
    assert found["r2"].mean_turns == 2.4
    assert found["r2"].mean_score == 3.5
    assert found["r2+trial"].mean_score is None


async def test_running_calls_of_a_flow(database: Database) -> None:
    calls = Calls(database)
    reader = SqlOutcomes(database)
    assert await reader.running("main") == Running(0, 0)
    await calls.one("r1", reason=None)
    await calls.one("r1", reason=None, flow="elder")
    await calls.one("r1")
    assert await reader.running("elder") == Running(2, 1)


async def test_the_line_knows_which_flows_its_calls_are_in(database: Database) -> None:
    await Calls(database).one("r1", reason=None)
    bus = InProcessBus()
    reader = BusOutcomes(bus, SqlOutcomes(database))
    assert await reader.running("main") == Running(1, 1), "nobody answers: those that began in it"
    await serve_running(bus, lambda: (3, {"main": 3, "ticket": 2}))
    assert await reader.running("ticket") == Running(3, 2)
    assert await reader.running("elder") == Running(3, 0)
    assert await reader.outcomes(["r1"]) == {}
    await bus.close()


async def test_a_trial_beside_the_rest_since_it_began(database: Database) -> None:
    store, reader, calls = MemoryContentStore({MAIN: "1"}), SqlOutcomes(database), Calls(database)
    assert await compare_trial(store, reader) is None
    store.put(Change.TRIAL, {MAIN: "2"}, share=0.1)
    store.put(Change.PUBLISH, {"ivr_flows/other.yaml": "1"})
    for content in ("r1", "r2", "r2+trial", "r3", "r3+trial", "r3+trial"):
        await calls.one(content, "greet", "answer")
    comparison = await compare_trial(store, reader)
    assert comparison is not None
    assert comparison.trial == Outcomes(calls=3, answered=3, turns=6)
    assert comparison.rest == Outcomes(calls=2, answered=2, turns=4)
