"""Who is behind a call, for the seat that has it."""

from collections.abc import Sequence

from sqlalchemy import select

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema.calls import call
from voicebot.adapters.db.tickets import SqlTicketStore
from voicebot.core.ids import CallId
from voicebot.tickets.ticket import Ticket


class SqlCallers:
    """Implements `voicebot.web.seat.desk.Callers`."""

    def __init__(self, database: Database, tickets: SqlTicketStore) -> None:
        self._database = database
        self._vault = database.vault
        self._tickets = tickets

    async def number(self, call_id: CallId) -> str:
        async with self._database.read() as connection:
            sealed = (
                await connection.execute(select(call.c.caller_enc).where(call.c.id == call_id))
            ).scalar_one_or_none()
        return self._vault.open(sealed) if sealed is not None else ""

    async def tickets(self, call_id: CallId) -> Sequence[Ticket]:
        number = await self.number(call_id)
        return await self._tickets.of_caller(number) if number else ()
