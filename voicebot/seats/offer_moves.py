"""A call in the queue, its offer to a seat, and what comes of the offer."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from voicebot.core.ids import LanguageTag, QueueName, SeatId
from voicebot.seats.contact import OVER, Contact, ContactState
from voicebot.seats.moved import Moved, SeatRefused, demand, not_before
from voicebot.seats.rules import SeatRules
from voicebot.seats.seat import Next, Seat, SeatState
from voicebot.seats.seat_moves import entered, gone, released, run_out

_OPEN: Final = frozenset({ContactState.WAITING, ContactState.OFFERED})


def enqueue(contact: Contact) -> Moved:
    """A call begins to wait.

    Raises:
        SeatRefused: ``seat.not_waiting``: the row is not a new one.
    """
    demand(contact.state is ContactState.WAITING and contact.version == 0, "seat.not_waiting")
    return Moved(contacts=(contact,), event="queued")


def offer(seat: Seat, contact: Contact, now: datetime, rules: SeatRules) -> Moved:
    """The call rings at the seat.

    Raises:
        SeatRefused: ``seat.not_waiting``, ``seat.not_free``.
    """
    demand(contact.state is ContactState.WAITING, "seat.not_waiting")
    until = now + timedelta(seconds=rules.of(contact.queue).offer_s)
    ringing = replace(contact, state=ContactState.OFFERED, seat=seat.id, until=until)
    return Moved((_rung(seat, contact, until, now, rules),), (ringing,), "offered")


def consult(seat: Seat, contact: Contact, now: datetime, rules: SeatRules) -> Moved:
    """A call that another seat talks with rings at this one too (咨询, 三方, 转接 to a seat); the call stays
    with the other until `hand_on`.

    Raises:
        SeatRefused: ``seat.not_in_call``, ``seat.not_free``.
    """
    demand(contact.state is ContactState.TAKEN and contact.seat != seat.id, "seat.not_in_call")
    until = now + timedelta(seconds=rules.of(contact.queue).offer_s)
    return Moved((_rung(seat, contact, until, now, rules),), (contact,), "offered")


def accept(seat: Seat, contact: Contact, now: datetime) -> Moved:
    """接听. Of two that accept one save succeeds; the other reads the rows again and is refused here.

    Raises:
        SeatRefused: ``seat.not_offered``, ``seat.too_late``, ``seat.already_over``.
    """
    demand(contact.state not in OVER, "seat.already_over")
    if seat.state is SeatState.TALKING and _owns(seat, contact):
        return Moved()  # a second click
    _rings(seat, contact)
    ours = contact.state is ContactState.TAKEN or _owns(seat, contact)
    demand(ours and contact.state is not ContactState.WAITING, "seat.not_offered")
    demand(seat.until is None or now < seat.until, "seat.too_late")
    talking = replace(
        seat,
        state=SeatState.TALKING,
        since=not_before(now, seat.since),
        until=None,
        missed=0,
        taken=seat.taken + 1,
    )
    if contact.state is ContactState.TAKEN:
        return Moved((talking,), event="accepted")
    taken = replace(
        contact, state=ContactState.TAKEN, until=None, taken_at=not_before(now, contact.since), ended_at=None
    )
    return Moved((talking,), (taken,), "accepted")


def decline(seat: Seat, contact: Contact | None, now: datetime, rules: SeatRules) -> Moved:
    """The seat does not want the call: the next one is asked. Whoever does so again and again is 示忙.

    Args:
        contact: the row of `Seat.call_id`; None when it is no longer stored.

    Raises:
        SeatRefused: ``seat.not_offered``.
    """
    return _not_taken(seat, contact, now, rules, "declined")


def time_out(seat: Seat, contact: Contact | None, now: datetime, rules: SeatRules) -> Moved:
    """It rang long enough. Args: see `decline`.

    Raises:
        SeatRefused: ``seat.not_due``, ``seat.not_offered``.
    """
    _rings(seat, contact)
    demand(offer_over(seat, contact, now, rules), "seat.not_due")
    return _not_taken(seat, contact, now, rules, "missed")


def offer_over(seat: Seat, contact: Contact | None, now: datetime, rules: SeatRules) -> bool:
    """An offer has run out."""
    of = rules.usual if contact is None else rules.of(contact.queue)
    return seat.state is SeatState.OFFERED and run_out(seat.until, of.offer_s, now)


def vanish(seat: Seat, contact: Contact | None, now: datetime, heir: Seat | None = None) -> Moved:
    """The seat's page is gone: the seat is 签出, its caller waits again before all others; a caller with
    whom a second seat talks stays with that one.

    Args:
        contact: the row of `Seat.call_id`, None when there is none. heir: a seat that talks with it too.

    Raises:
        SeatRefused: ``seat.not_vanished``: it talks on a phone.
    """
    demand(not (seat.phone and seat.state in (SeatState.TALKING, SeatState.HELD)), "seat.not_vanished")
    if seat.state is SeatState.OFFLINE:
        return Moved()
    rows = (entered(seat, SeatState.OFFLINE, now),)
    if contact is None or not _owns(seat, contact) or contact.state in OVER:
        return Moved(rows, event="vanished")
    if heir is not None and contact.state is ContactState.TAKEN:
        return Moved((*rows, heir), (replace(contact, seat=heir.id),), "vanished")
    return Moved(rows, (again(contact, seat.id, front=True),), "vanished")


def fail(seat: Seat, contact: Contact, now: datetime) -> Moved:
    """The seat accepted but cannot be reached (its phone does not answer, its browser sends no sound): it is
    示忙, the caller waits again before all others.

    Raises:
        SeatRefused: ``seat.not_yours``.
    """
    demand(contact.state is ContactState.TAKEN and _owns(seat, contact), "seat.not_yours")
    return Moved((entered(seat, SeatState.BUSY, now),), (again(contact, seat.id, front=True),), "failed")


def leave(contact: Contact, now: datetime, seat: Seat | None = None) -> Moved:
    """The caller hung up before anybody talked with them.

    Args:
        seat: the row of `Contact.seat` while it rings there (or was accepted and no talk has begun); it is
            free again and has missed nothing.

    Raises:
        SeatRefused: ``seat.talking``, ``seat.already_over``, ``seat.not_yours``: not the row of
            that seat.
    """
    return _out_of_queue(contact, ContactState.LEFT, now, seat, "left")


def call_back(contact: Contact, now: datetime, seat: Seat | None = None) -> Moved:
    """The caller is to be rung. Args, Raises: see `leave`."""
    return _out_of_queue(contact, ContactState.CALL_BACK, now, seat, "call_back")


def elsewhere(contact: Contact, now: datetime, seat: Seat | None = None) -> Moved:
    """The call goes to another line. Args, Raises: see `leave`."""
    return _out_of_queue(contact, ContactState.ELSEWHERE, now, seat, "elsewhere")


def reroute(
    contact: Contact,
    queue: QueueName,
    skill: str = "",
    language: LanguageTag | None = None,
    front: bool | None = None,
) -> Moved:
    """A supervisor moves a waiting call to another queue or skill, or to the front; waiting time is kept.

    Raises:
        SeatRefused: ``seat.not_waiting``.
    """
    demand(contact.state is ContactState.WAITING, "seat.not_waiting")
    moved = replace(
        contact,
        queue=queue,
        skill=skill,
        language=contact.language if language is None else language,
        front=contact.front if front is None else front,
        refused=(),
    )
    return Moved(contacts=(moved,), event="moved")


def again(contact: Contact, refused: SeatId, *, front: bool) -> Contact:
    """The call waits once more; it began to wait when it did."""
    others = tuple(each for each in contact.refused if each != refused)
    return replace(
        contact,
        state=ContactState.WAITING,
        seat=None,
        until=None,
        taken_at=None,
        talk=None,
        front=contact.front or front,
        refused=(*others, refused),
    )


def _rung(seat: Seat, contact: Contact, until: datetime, now: datetime, rules: SeatRules) -> Seat:
    free = seat.state is SeatState.READY and seat.next is None and not gone(seat, now, rules)
    demand(free, "seat.not_free")
    since = not_before(now, seat.since)
    return replace(seat, state=SeatState.OFFERED, since=since, call_id=contact.call_id, until=until)


def _not_taken(seat: Seat, contact: Contact | None, now: datetime, rules: SeatRules, event: str) -> Moved:
    _rings(seat, contact)
    missed = replace(seat, missed=seat.missed + 1)
    if seat.next is None and missed.missed >= rules.misses:
        missed = replace(missed, next=Next(SeatState.BUSY))
    rows = (released(missed, now),)
    if contact is None or contact.state is not ContactState.OFFERED or not _owns(seat, contact):
        return Moved(rows, event=event)  # another seat's talk, or it went on without this one
    return Moved(rows, (again(contact, seat.id, front=False),), event)


def _out_of_queue(
    contact: Contact, state: ContactState, now: datetime, seat: Seat | None, event: str
) -> Moved:
    if contact.state is state:
        return Moved()
    demand(contact.state not in OVER, "seat.already_over")
    demand(contact.state in _OPEN or contact.talk is None, "seat.talking")
    over = replace(
        contact, state=state, until=None, ended_at=not_before(now, contact.since), talk=None, taken_at=None
    )
    if contact.seat is None:
        return Moved(contacts=(over,), event=event)
    if seat is None or not _owns(seat, contact) or seat.id != contact.seat:
        raise SeatRefused("seat.not_yours")
    freed = released(seat, now)
    if contact.state is ContactState.TAKEN:
        freed = replace(freed, taken=max(0, freed.taken - 1))
    return Moved((freed,), (replace(over, seat=None),), event)


def _owns(seat: Seat, contact: Contact) -> bool:
    return contact.seat == seat.id and seat.call_id == contact.call_id


def _rings(seat: Seat, contact: Contact | None) -> None:
    here = contact is None or seat.call_id == contact.call_id
    demand(here and seat.state is SeatState.OFFERED, "seat.not_offered")
