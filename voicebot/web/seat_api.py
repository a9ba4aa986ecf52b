"""`/api/v1/seats` and `/api/v1/contacts`: who takes calls, and who waits for them (docs/seats.md)."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi import Path as InPath

from voicebot.core.clock import Clock
from voicebot.core.ids import CallId, LanguageTag, QueueName, SeatId
from voicebot.operations.seat_desk import SeatDesk
from voicebot.seats.contact import ContactState
from voicebot.seats.moved import SeatRefused
from voicebot.seats.seat import SeatState
from voicebot.web.api import CallIdInPath
from voicebot.web.gate import OVERSEERS, SEATS
from voicebot.web.ports import Account
from voicebot.web.seats_out import (
    Asked,
    Beaten,
    ContactFull,
    ContactOut,
    ContactPage,
    MoveIn,
    SeatChangeIn,
    SeatOut,
    SeatPage,
    SignIn,
    StateIn,
    Wanted,
    WrapUpAction,
    WrapUpIn,
)
from voicebot.web.views import Problem

Who = Annotated[Account, Depends(SEATS)]
Overseer = Annotated[Account, Depends(OVERSEERS)]
Name = Annotated[str, InPath(min_length=1, max_length=64)]
_WHAT: Final = {
    401: "who is it",
    403: "not with this role, or another seat's call (`seat.not_yours`)",
    404: "none (`seat.unknown`, `contact.unknown`)",
    409: "not now (`seat.signed_out`, `seat.other_tab`, `seat.not_offered`, `seat.too_late` …)",
    422: "something is missing or wrong (`request.invalid`, `seat.break_reason`)",
    503: "later (`db.…`)",
}
PROBLEMS: Final[dict[int | str, dict[str, object]]] = {
    status: {"model": Problem, "description": what, "content": {"application/problem+json": {}}}
    for status, what in _WHAT.items()
}


def seat_router(desk: SeatDesk, clock: Clock) -> APIRouter:
    """The routes. A seat is its account: nobody acts in another's name but those who oversee."""
    router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["seats"])
    _own(router, desk)
    _seats(router, desk)
    _contacts(router, desk, clock)
    return router


def _own(router: APIRouter, desk: SeatDesk) -> None:
    """One's own seat. Each request names the tab that asks; only the one that has the seat may."""

    @router.get("/seats/me")
    async def me(who: Who) -> SeatOut:
        return SeatOut.of(await desk.seat(_id(who)))

    @router.post("/seats/me/sign-in")
    async def sign_in(who: Who, body: SignIn) -> SeatOut:
        """签入: the seat is 示忙 until it says that it is ready. `seat.other_tab`: another tab has it."""
        seat = _id(who)
        try:
            return SeatOut.of(await desk.sign_in(seat, body.tab))
        except SeatRefused as refused:
            if refused.code != "seat.other_tab" or not body.take_over:
                raise
        return SeatOut.of(await desk.take_over(seat, body.tab))

    @router.post("/seats/me/beat")
    async def beat(who: Who, body: Asked) -> Beaten:
        """A sign of life, every 3 s. Without any for 10 s the seat is signed out and its caller waits again,
        before all others."""
        seat = _id(who)
        if not await desk.beat(seat, body.tab):
            known = await desk.seat(seat)
            raise SeatRefused("seat.signed_out" if known.state is SeatState.OFFLINE else "seat.other_tab")
        return Beaten(yours=True)

    @router.post("/seats/me/state")
    async def state(who: Who, body: StateIn) -> SeatOut:
        """示闲, 示忙, 小休, 话后整理 or 签出."""
        seat, tab = _id(who), body.tab
        match body.state:
            case Wanted.READY:
                done = await desk.ready(seat, tab)
            case Wanted.BUSY:
                done = await desk.busy(seat, tab)
            case Wanted.BREAK:
                done = await desk.pause(seat, body.reason, tab)
            case Wanted.WRAP_UP:
                done = await desk.ask_wrap_up(seat, tab)
            case Wanted.OFFLINE:
                done = await desk.sign_out(seat, tab)
        return SeatOut.of(done)

    @router.post("/seats/me/wrap-up")
    async def wrap_up(who: Who, body: WrapUpIn) -> SeatOut:
        act = desk.finish_wrap_up if body.action is WrapUpAction.FINISH else desk.extend_wrap_up
        return SeatOut.of(await act(_id(who), body.tab))

    @router.post("/seats/me/calls/{call_id}/accept")
    async def accept(who: Who, call_id: CallIdInPath, body: Asked) -> ContactFull:
        """接听. Of two that accept one call, one has it; the other is told `seat.not_offered`."""
        return ContactFull.of(await desk.accept(_id(who), body.tab, CallId(call_id)))

    @router.post("/seats/me/calls/{call_id}/decline")
    async def decline(who: Who, call_id: CallIdInPath, body: Asked) -> ContactOut:
        return ContactOut.of(await desk.decline(_id(who), body.tab, CallId(call_id)))


def _seats(router: APIRouter, desk: SeatDesk) -> None:
    @router.get("/seats", dependencies=[Depends(SEATS)])
    async def seats(
        everyone: Annotated[bool, Query(alias="all", description="also those that are signed out")] = False,
    ) -> SeatPage:
        """Seats by name, as they stood within the last second."""
        found = await desk.everyone() if everyone else (await desk.look()).seats.values()
        return SeatPage(items=[SeatOut.of(each) for each in found])

    @router.get("/seats/{name}", dependencies=[Depends(SEATS)])
    async def seat(name: Name) -> SeatOut:
        return SeatOut.of(await desk.seat(SeatId(name)))

    @router.patch("/seats/{name}")
    async def change(who: Overseer, name: Name, body: SeatChangeIn) -> SeatOut:
        """Skills, team, phone; a call that rings or runs goes on."""
        seat, by = SeatId(name), _by(who)
        if body.phone is not None:
            await desk.set_phone(seat, body.phone, by=by)
        if body.skills is not None or body.team is not None:
            skills = body.skills if body.skills is not None else (await desk.seat(seat)).skills
            await desk.reskill(seat, skills, body.team, by=by)
        return SeatOut.of(await desk.seat(seat))

    @router.post("/seats/{name}/sign-out")
    async def sign_out(who: Overseer, name: Name) -> SeatOut:
        """签出 by a supervisor: at once, or after the call."""
        return SeatOut.of(await desk.sign_out(SeatId(name), by=_by(who)))


def _contacts(router: APIRouter, desk: SeatDesk, clock: Clock) -> None:
    @router.get("/contacts", dependencies=[Depends(SEATS)])
    async def contacts(queue: Annotated[str, Query(max_length=64)] = "") -> ContactPage:
        """Calls that wait or talk, the longest waiting first, each with its place."""
        view = await desk.look()
        found = [each for each in view.contacts.values() if queue in ("", each.queue)]
        return ContactPage(items=[ContactOut.of(each, await desk.place(each.call_id)) for each in found])

    @router.get("/contacts/recent", dependencies=[Depends(OVERSEERS)])
    async def recent(minutes: Annotated[int, Query(ge=1, le=1440)] = 30) -> ContactPage:
        """Calls that ended lately, the newest 500, newest first."""
        found = await desk.lately(clock.now() - timedelta(minutes=minutes))
        return ContactPage(items=[ContactOut.of(each) for each in reversed(found)])

    @router.get("/contacts/{call_id}")
    async def contact(who: Who, call_id: CallIdInPath) -> ContactFull:
        """One call with what the bot heard: for the seat that it rings at or talks with, or that wraps it
        up."""
        seat, found = await desk.seat(_id(who)), await desk.contact(CallId(call_id))
        if seat.call_id != found.call_id:
            raise SeatRefused("seat.not_yours")
        return ContactFull.of(found)

    @router.post("/contacts/{call_id}/move")
    async def move(who: Overseer, call_id: CallIdInPath, body: MoveIn) -> ContactOut:
        """A waiting call goes to another queue or skill, or to the front."""
        language = LanguageTag(body.language) if body.language else None
        moved = await desk.reroute(
            CallId(call_id), QueueName(body.queue), body.skill, language, body.front, by=_by(who)
        )
        place = await desk.place(moved.call_id) if moved.state is ContactState.WAITING else None
        return ContactOut.of(moved, place)


def _id(who: Account) -> SeatId:
    return SeatId(who.name)


def _by(who: Account) -> str:
    return f"{who.role}:{who.name}"[:64]
