"""A talk between a seat and a caller: hold, handing on, the end and the wrap-up after it."""

from dataclasses import replace
from datetime import datetime, timedelta

from voicebot.core.ids import LanguageTag, QueueName
from voicebot.seats.contact import OVER, Contact, ContactState, SeatNote, Talk
from voicebot.seats.moved import Moved, demand, not_before
from voicebot.seats.offer_moves import again, consult
from voicebot.seats.rules import SeatRules, WrapUp
from voicebot.seats.seat import IN_CALL, Next, Seat, SeatState
from voicebot.seats.seat_moves import entered, released


def hold(seat: Seat, now: datetime) -> Moved:
    """保持

    Raises:
        SeatRefused: ``seat.not_in_call``.
    """
    return _talking(seat, SeatState.HELD, now, "held")


def resume(seat: Seat, now: datetime) -> Moved:
    """接回

    Raises:
        SeatRefused: ``seat.not_in_call``.
    """
    return _talking(seat, SeatState.TALKING, now, "resumed")


def talk_changed(contact: Contact, talk: Talk) -> Moved:
    """How the talk looks now, for pages.

    Raises:
        SeatRefused: ``seat.not_in_call``: nobody talks with this call.
    """
    demand(contact.state is ContactState.TAKEN, "seat.not_in_call")
    return Moved() if contact.talk == talk else Moved(contacts=(replace(contact, talk=talk),), event="talk")


def note(seat: Seat, contact: Contact, result: str, text: str) -> Moved:
    """小结, in the talk or in the wrap-up after it; a later one replaces it.

    Raises:
        SeatRefused: ``seat.not_yours``: the seat has another call by now, or none.
    """
    demand(seat.call_id == contact.call_id and seat.state is not SeatState.OFFERED, "seat.not_yours")
    written = SeatNote(seat.id, result, text)
    if written in contact.notes:
        return Moved()
    others = tuple(each for each in contact.notes if each.seat != seat.id)
    return Moved(contacts=(replace(contact, notes=(*others, written)),), event="noted")


def end_talk(seat: Seat, contact: Contact | None, now: datetime, rules: SeatRules) -> Moved:
    """The seat's part of the talk is over, whoever ended it. The call is, too, unless it is another seat's.

    Args:
        contact: the row of `Seat.call_id`, None when it is no longer stored.

    Raises:
        SeatRefused: ``seat.not_in_call``, ``seat.not_yours``.
    """
    demand(seat.state in IN_CALL, "seat.not_in_call")
    demand(contact is None or seat.call_id == contact.call_id, "seat.not_yours")
    seats = (_after_call(seat, contact, now, rules),)
    if contact is None or contact.state is not ContactState.TAKEN or contact.seat != seat.id:
        return Moved(seats, event="ended")
    ended = not_before(now, contact.taken_at or contact.since)
    done = replace(contact, state=ContactState.DONE, ended_at=ended, until=None, talk=None)
    return Moved(seats, (done,), "ended")


def transfer(
    seat: Seat,
    contact: Contact,
    now: datetime,
    rules: SeatRules,
    queue: QueueName,
    skill: str = "",
    language: LanguageTag | None = None,
) -> Moved:
    """转接 to a queue or skill: the caller waits there before all others, the seat's part is over.

    Raises:
        SeatRefused: ``seat.not_in_call``, ``seat.not_yours``.
    """
    _mine(seat, contact)
    waiting = replace(
        again(contact, seat.id, front=True),
        queue=queue,
        skill=skill,
        language=contact.language if language is None else language,
        since=not_before(now, contact.taken_at),
        refused=(seat.id,),
    )
    return Moved((_after_call(seat, contact, now, rules),), (waiting,), "transferred")


def transfer_to(seat: Seat, contact: Contact, to: Seat, now: datetime, rules: SeatRules) -> Moved:
    """转接 to a seat without talking to it first: rings there; if it does not answer the caller waits before
    all others.

    Raises:
        SeatRefused: ``seat.not_in_call``, ``seat.not_yours``, ``seat.not_free``.
    """
    _mine(seat, contact)
    (rung,) = consult(to, contact, now, rules).seats
    ringing = replace(
        again(contact, seat.id, front=True),
        state=ContactState.OFFERED,
        seat=to.id,
        until=rung.until,
        since=not_before(now, contact.taken_at),
    )
    return Moved((_after_call(seat, contact, now, rules), rung), (ringing,), "transferred")


def hand_on(seat: Seat, contact: Contact, to: Seat, now: datetime, rules: SeatRules) -> Moved:
    """The call becomes that of a second seat which talks with it already; the first one's part is over.

    Raises:
        SeatRefused: ``seat.not_in_call``, ``seat.not_yours``.
    """
    _mine(seat, contact)
    demand(to.id != seat.id and to.state in IN_CALL and to.call_id == contact.call_id, "seat.not_in_call")
    seats = (_after_call(seat, contact, now, rules), to)
    return Moved(seats, (replace(contact, seat=to.id),), "transferred")


def _talking(seat: Seat, state: SeatState, now: datetime, event: str) -> Moved:
    demand(seat.state in IN_CALL, "seat.not_in_call")
    if seat.state is state:
        return Moved()
    return Moved((replace(seat, state=state, since=not_before(now, seat.since)),), event=event)


def _mine(seat: Seat, contact: Contact) -> None:
    demand(contact.state not in OVER, "seat.already_over")
    demand(seat.state in IN_CALL, "seat.not_in_call")
    demand(contact.state is ContactState.TAKEN and contact.seat == seat.id, "seat.not_yours")
    demand(seat.call_id == contact.call_id, "seat.not_yours")


def _after_call(seat: Seat, contact: Contact | None, now: datetime, rules: SeatRules) -> Seat:
    """In wrap-up as its queue has it, or as it asked for; who asked to sign out wraps up first."""
    of = rules.of(contact.queue if contact is not None else QueueName(""))
    at = not_before(now, seat.since)
    seat = replace(seat, idle_since=at)
    asked = seat.next is not None and seat.next.state is SeatState.WRAP_UP
    if of.wrap_up is WrapUp.OPTIONAL and not asked:
        return released(seat, now)
    endless = of.wrap_up in (WrapUp.DISCRETIONARY, WrapUp.OPTIONAL)
    until = None if endless else now + timedelta(seconds=of.wrap_up_s)
    after: Next | None = None if asked else seat.next
    return replace(entered(seat, SeatState.WRAP_UP, now), call_id=seat.call_id, until=until, next=after)
