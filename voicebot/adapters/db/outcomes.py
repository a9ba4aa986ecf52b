"""How calls went, by the content they were served with."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, not_, or_, select

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import call, call_turn
from voicebot.dialogue.effects import Action
from voicebot.operations.outcomes import Outcomes, Running

HUMAN: Final = (Action.TRANSFER_HUMAN, Action.TRANSFER_EMERGENCY)
TICKET: Final = (Action.TICKET_CREATED, Action.TICKET_UPDATED, Action.CALLBACK)
ANSWER: Final = (Action.ANSWER, Action.TICKET_STATUS)
CALLER: Final = "caller"
"""`call.reason` of a call that the caller ended."""


class SqlOutcomes:
    """Implements `voicebot.operations.outcomes.OutcomeReader`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def outcomes(self, contents: Collection[str]) -> Mapping[str, Outcomes]:
        each = (
            select(
                call.c.content,
                call.c.reason,
                call.c.score,
                func.count(call_turn.c.index).label("turns"),
                _turns_with(HUMAN).label("human"),
                _turns_with(TICKET).label("ticket"),
                _turns_with(ANSWER).label("answer"),
                _turns_with((Action.REPAIR,)).label("repairs"),
            )
            .join_from(call, call_turn, call_turn.c.call_id == call.c.id, isouter=True)
            .where(call.c.content.in_(contents), call.c.ended_at.is_not(None))
            .group_by(call.c.id, call.c.content, call.c.reason, call.c.score)
            .subquery()
        )
        human, ticket, answer = (each.c[name] > 0 for name in ("human", "ticket", "answer"))
        nothing = not_(or_(human, ticket, answer))
        query = select(
            each.c.content,
            func.count(),
            _number(human),
            _number(and_(not_(human), ticket)),
            _number(and_(not_(or_(human, ticket)), answer)),
            _number(and_(nothing, each.c.reason == CALLER)),
            func.sum(each.c.turns),
            func.sum(each.c.repairs),
            func.count(each.c.score),
            func.coalesce(func.sum(each.c.score), 0),
        ).group_by(each.c.content)
        async with self._database.read() as connection:
            rows = await connection.execute(query)
            return {label: Outcomes(*(int(figure) for figure in figures)) for label, *figures in rows}

    async def running(self, flow: str) -> Running:
        query = select(func.count(), _number(call.c.flow == flow)).where(call.c.ended_at.is_(None))
        async with self._database.read() as connection:
            calls, in_flow = (await connection.execute(query)).one()
        return Running(int(calls), int(in_flow))


def _turns_with(actions: Collection[Action]) -> ColumnElement[Any]:
    """In how many turns of a call we did one of these."""
    return func.coalesce(func.sum(case((call_turn.c.action.in_([a.value for a in actions]), 1), else_=0)), 0)


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Of rows of which it is true."""
    return func.coalesce(cast(func.sum(case((condition, 1), else_=0)), Integer), 0)
