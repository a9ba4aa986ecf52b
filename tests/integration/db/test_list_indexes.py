"""Work lists and search read indexes: none of them goes through all tickets."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.fakes.clocks import HandClock
from voicebot.adapters.db.database import Database
from voicebot.adapters.db.ticket_lists import SqlTicketLists
from voicebot.core.ids import DepartmentName
from voicebot.tickets.listing import WORK_LISTS, Filter, WorkList

pytestmark = pytest.mark.integration


async def test_no_list_reads_all_tickets(tmp_path: Path) -> None:
    """The planner of SQLite has no figures and decides by the form of the question alone."""
    database = await Database.open(tmp_path / "hotline.sqlite3")
    lists, asked = SqlTicketLists(database, HandClock()), list[tuple[str, Any]]()

    def note(_: Any, __: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(database._engine.sync_engine, "before_cursor_execute", note)
    for wanted in (*WORK_LISTS.values(), Filter()):
        await lists.page(wanted)
        await lists.page(replace(wanted, departments=frozenset({DepartmentName("市水务集团")})))
    event.remove(database._engine.sync_engine, "before_cursor_execute", note)
    assert len(asked) >= len(WorkList)
    async with database.read() as connection:
        plans = []
        for statement, given in asked:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
            plans.append((statement, [row.detail for row in plan]))
    await database.close()
    whole = {"SCAN ticket", "USE TEMP B-TREE FOR ORDER BY"}
    by_number = [plan for statement, plan in plans if "worst" not in statement]
    assert [plan for plan in by_number if whole & set(plan)] == []
    every = "SCAN ticket USING INDEX sqlite_autoindex_ticket_1"
    assert [statement[-60:] for statement, plan in plans if every in plan and "WHERE" in statement] == []
