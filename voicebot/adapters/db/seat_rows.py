"""Seats and contacts as rows; what is personal of a contact is one sealed text."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any, Final

from voicebot.core.handover import HandoverReason
from voicebot.core.ids import CallId, LanguageTag, QueueName, SeatId
from voicebot.seats.contact import Contact, ContactState, Leg, Party, SeatNote, Talk
from voicebot.seats.seat import Next, Seat, SeatState

_SEAT: Final = ("since", "team", "reason", "call_id", "until", "idle_since", "beat", "tab", "phone")
_COUNTS: Final = ("taken", "missed")
_CONTACT: Final = ("since", "skill", "emergency", "elder", "enterprise", "repeat", "front", "until")
_ENDS: Final = ("taken_at", "ended_at", "caller", "line")

Told = tuple[str, Mapping[str, str], Talk | None, tuple[SeatNote, ...]]
"""Summary, slots, talk, notes."""


def seat_row(seat: Seat) -> dict[str, Any]:
    """All but the version."""
    return {
        **{name: getattr(seat, name) for name in (*_SEAT, *_COUNTS)},
        "id": seat.id,
        "state": seat.state.value,
        "skills": dict(seat.skills),
        "next_state": seat.next.state.value if seat.next else None,
        "next_reason": seat.next.reason if seat.next else "",
    }


def seat_of(row: Mapping[Any, Any]) -> Seat:
    following = row["next_state"]
    return Seat(
        id=SeatId(row["id"]),
        state=SeatState(row["state"]),
        skills=MappingProxyType(row["skills"]),
        next=Next(SeatState(following), row["next_reason"]) if following else None,
        version=row["version"],
        **{name: row[name] for name in (*_SEAT, *_COUNTS)},
    )


def contact_row(contact: Contact) -> dict[str, Any]:
    """All but the version and what is sealed."""
    return {
        **{name: getattr(contact, name) for name in (*_CONTACT, *_ENDS)},
        "call_id": contact.call_id,
        "queue": contact.queue,
        "state": contact.state.value,
        "language": contact.language,
        "seat": contact.seat,
        "refused": list(contact.refused),
        "why": contact.why.value,
    }


def contact_of(row: Mapping[Any, Any], told: Told) -> Contact:
    summary, slots, talk, notes = told
    return Contact(
        call_id=CallId(row["call_id"]),
        queue=QueueName(row["queue"]),
        state=ContactState(row["state"]),
        language=LanguageTag(row["language"]),
        seat=SeatId(row["seat"]) if row["seat"] else None,
        refused=tuple(map(SeatId, row["refused"])),
        why=HandoverReason(row["why"]),
        summary=summary,
        slots=slots,
        talk=talk,
        notes=notes,
        version=row["version"],
        **{name: row[name] for name in (*_CONTACT, *_ENDS)},
    )


def told_text(contact: Contact) -> str:
    """What is to be sealed; "" when there is nothing."""
    told: dict[str, Any] = {}
    if contact.summary:
        told["summary"] = contact.summary
    if contact.slots:
        told["slots"] = dict(contact.slots)
    if contact.talk is not None:
        told["talk"] = asdict(contact.talk)
    if contact.notes:
        told["notes"] = [asdict(each) for each in contact.notes]
    return json.dumps(told, ensure_ascii=False) if told else ""


def told_of(text: str) -> Told:
    told: dict[str, Any] = json.loads(text) if text else {}
    kept, talk = told.get("talk"), None
    if kept is not None:
        legs = tuple(Leg(**{**leg, "party": Party(leg["party"])}) for leg in kept["legs"])
        talk = Talk(**{**kept, "legs": legs})
    notes = tuple(SeatNote(**each) for each in told.get("notes", ()))
    return told.get("summary", ""), MappingProxyType(told.get("slots", {})), talk, notes
