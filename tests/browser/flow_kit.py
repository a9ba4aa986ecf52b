"""The administrators' page over content in memory, served as the web process does."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from tests.fakes.content import MemoryContentStore
from tests.fakes.outcomes import FakeOutcomes
from tests.integration.web.kit import serving
from tests.unit.web.fakes import FakeCalls, Web
from voicebot.adapters.files.content import read_texts
from voicebot.bootstrap.brain import BrainMaker, check_with, user_shelf
from voicebot.operations.publishing import Publisher
from voicebot.web.app import server_config, web_app
from voicebot.web.flows.desk import FlowDesk
from voicebot.web.ports import Role
from voicebot.web.shell.mount import pages_running

ROOT: Final = Path(__file__).parents[2]
OWN: Final = {
    f"ivr_flows/{file.name}": file.read_text(encoding="utf-8")
    for file in (Path(__file__).parent / "flows").glob("*.yaml")
}
"""Flows of the tests' own, beside the shipped ones: those may change."""
CITY: Final = ZoneInfo("Asia/Shanghai")


class CityClock:
    """The machine's own time, in the city's zone."""

    def now(self) -> datetime:
        return datetime.now(CITY)

    def monotonic(self) -> float:
        return self.now().timestamp()


class FlowPages:
    """Shipped content and `OWN` in a store; accounts ``zhang`` (editor), ``wang`` (admin), ``seat``."""

    def __init__(self) -> None:
        texts = {**read_texts(ROOT), **OWN}
        self.clock = CityClock()
        self.store = MemoryContentStore(texts, self.clock)
        self.maker = BrainMaker(shelf=user_shelf())
        self.calls = FakeCalls()
        self.outcomes = FakeOutcomes()
        publisher = Publisher(self.store, check_with(self.maker))
        self.desk = FlowDesk(
            self.store, publisher, self.maker.from_texts, self.calls, self.outcomes, self.clock
        )
        self.web = Web()
        for name, role in (("zhang", Role.EDITOR), ("wang", Role.ADMIN), ("seat", Role.SEAT)):
            self.web.accounts.accounts[name] = ("pw", role)
        self.app = web_app(replace(self.web.deps, flows=self.desk, clock=self.clock))


@contextlib.asynccontextmanager
async def flow_pages() -> AsyncIterator[tuple[int, FlowPages]]:
    """Port and what is behind it; once per process at a time."""
    pages = FlowPages()
    async with pages_running(), serving(pages.app, server_config) as port:
        yield port, pages
