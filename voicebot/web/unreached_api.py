"""`/api/v1/unreached`: people whom no call of ours has reached (docs/callbacks.md)."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from voicebot.operations.unreached import MOST, Looked, NotReached, Unreached
from voicebot.tickets.callbacks import CallbackKind, Over, Try, TryOutcome
from voicebot.web.gate import TICKETS
from voicebot.web.ports import Account
from voicebot.web.ticket_api import PROBLEMS

Who = Annotated[Account, Depends(TICKETS)]
Name = Annotated[str, Field(min_length=1, max_length=80)]


class TryOut(BaseModel):
    """One ring."""

    at: datetime
    outcome: TryOutcome
    again: datetime | None = Field(description="the moment the person asked for")

    @classmethod
    def of(cls, one: Try) -> Self:
        return cls(at=one.at, outcome=one.outcome, again=one.again)


class Person(BaseModel):
    """One who waits for a person; the number is masked."""

    key: str
    kind: CallbackKind
    reason: Over = Field(description="why nobody rings any more")
    since: datetime = Field(description="since when")
    ticket_no: str | None
    call_id: str | None
    title: str
    phone: str
    tries: list[TryOut] = Field(description="the oldest first")

    @classmethod
    def of(cls, one: NotReached) -> Self:
        return cls(
            key=one.key,
            kind=one.kind,
            reason=one.over,
            since=one.at,
            ticket_no=one.ticket_no,
            call_id=one.call_id,
            title=one.title,
            phone=one.mask,
            tries=list(map(TryOut.of, one.tries)),
        )


class PersonPage(BaseModel):
    items: list[Person]


class KeysIn(BaseModel):
    """Those that are meant."""

    model_config = ConfigDict(extra="forbid")

    keys: list[Name] = Field(min_length=1, max_length=MOST)


class Refused(BaseModel):
    key: str
    reason: str


class LookedOut(BaseModel):
    """What became of them; what was refused has not changed."""

    done: int
    refused: list[Refused]

    @classmethod
    def of(cls, looked: Looked) -> Self:
        return cls(done=looked.done, refused=[Refused(key=key, reason=why) for key, why in looked.refused])


def unreached_router(unreached: Unreached) -> APIRouter:
    """The routes; for who may call people back (403 ``ticket.forbidden``)."""
    router = APIRouter(prefix="/api/v1/unreached", responses=PROBLEMS, tags=["callbacks"])

    @router.get("")
    async def people(
        who: Who, limit: Annotated[int, Query(ge=1, le=MOST, description="items")] = 50
    ) -> PersonPage:
        """Those who wait for a person, the oldest first. Looked after, they leave the list."""
        found = await unreached.people(who, limit)
        return PersonPage(items=list(map(Person.of, found)))

    @router.post("/handled")
    async def handled(who: Who, marked: KeysIn) -> LookedOut:
        """Somebody has looked after these."""
        return LookedOut.of(await unreached.handled(who, dict.fromkeys(marked.keys)))

    @router.post("/ring-again")
    async def ring_again(who: Who, marked: KeysIn) -> LookedOut:
        """These are rung again, in the city's windows and with as many tries as at first."""
        return LookedOut.of(await unreached.ring_again(who, dict.fromkeys(marked.keys)))

    return router
