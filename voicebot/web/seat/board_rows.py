"""Lines of the board's tables, as ``parts/seat_grid.js`` takes them."""

from collections.abc import Sequence
from typing import Any

from voicebot.operations.seat_view import SeatView
from voicebot.seats.contact import Contact, ContactState
from voicebot.seats.rules import SeatRules
from voicebot.seats.seat import IN_CALL, Seat, SeatState
from voicebot.web.seat.bar import stamp
from voicebot.web.seat.board import LONG_CALL_S, LONG_WRAP_S, QueueFigures
from voicebot.web.seat.caller_panel import Pop, marks
from voicebot.web.seat.words import STATES, waited

Row = dict[str, Any]
SEAT_HEADS = ["坐席", "班组", "状态", "时长", "来电", "技能", "接听", "未接"]
WAIT_HEADS = ["来电人", "队列", "等了", "情况", "为什么要人工"]
QUEUE_HEADS = ["队列", "排队", "最长等待", "空闲/签入", "时限内接听", "来电", "放弃", "平均等待"]
_ORDER = [
    *(SeatState.OFFERED, SeatState.TALKING, SeatState.HELD, SeatState.WRAP_UP),
    *(SeatState.BREAK, SeatState.BUSY, SeatState.READY),
]


def seat_rows(view: SeatView, state: SeatState | None, words: str, most: int) -> list[Row]:
    """Those in a state, or whose number, team or skill has these words; who talks longest comes first."""
    found = [
        seat
        for seat in view.seats.values()
        if seat.state is not SeatState.OFFLINE and state in (None, seat.state) and _fits(seat, words)
    ]
    found.sort(key=lambda s: (_ORDER.index(s.state), s.since.timestamp() if s.since else 0.0, s.id))
    return [_seat(seat, view) for seat in found[:most]]


def _fits(seat: Seat, words: str) -> bool:
    return not words or any(words in text for text in (seat.id, seat.team, *seat.skills))


def _seat(seat: Seat, view: SeatView) -> Row:
    contact = view.contacts.get(seat.call_id) if seat.call_id else None
    late = {SeatState.WRAP_UP: LONG_WRAP_S}.get(seat.state, LONG_CALL_S if seat.state in IN_CALL else 0)
    state = f"{STATES[seat.state]}{seat.reason and '：' + seat.reason}"
    after = f"之后{STATES[seat.next.state]}" if seat.next else ""
    skills = " ".join(f"{name}{level}" for name, level in sorted(seat.skills.items()) if level)
    talks = seat.state in IN_CALL and contact is not None and not (contact.talk and contact.talk.released)
    listening = [("monitor", "监听"), ("whisper", "耳语"), ("barge", "强插")] if talks else []
    return {
        "key": seat.id,
        "name": f"{seat.id} 号",
        "kind": seat.state.value,
        "cells": [
            {"text": seat.id, "kind": "id"},
            {"text": seat.team or "—"},
            {"text": state, "kind": f"state {seat.state}", "marks": [(after, "plain")] if after else []},
            {"since": stamp(seat.since), "late": late, "kind": "time"},
            {"text": f"{contact.caller} {contact.queue}" if contact else "—"},
            {"text": skills or "没有技能", "hint": skills, "kind": "skills"},
            {"text": str(seat.taken), "kind": "number"},
            {"text": str(seat.missed or ""), "kind": "number"},
        ],
        "acts": [*listening, ("skills", "技能"), ("off", "签出")],
    }


def wait_rows(contacts: Sequence[Contact], rules: SeatRules) -> list[Row]:
    """Calls that wait, in the order they are served."""
    return [_wait(contact, rules) for contact in contacts]


def _wait(contact: Contact, rules: SeatRules) -> Row:
    told = [mark for mark in marks(Pop(contact, None, ())) if mark[1] != "blue"]
    ringing = contact.state is ContactState.OFFERED
    if ringing:
        told.append((f"{contact.seat} 号响铃", "blue"))
    return {
        "key": contact.call_id,
        "name": contact.caller or "来电",
        "kind": "emergency" if contact.emergency else "",
        "cells": [
            {"text": contact.caller or "不显示", "kind": "id"},
            {"text": f"{contact.queue} {contact.skill}".strip()},
            {"since": stamp(contact.since), "late": rules.of(contact.queue).target_s, "kind": "time"},
            {"text": "", "marks": told},
            {"text": contact.summary, "hint": contact.summary, "kind": "skills"},
        ],
        "acts": [] if ringing else [("front", "提到最前"), ("move", "换队列")],
    }


def queue_rows(found: Sequence[QueueFigures]) -> list[Row]:
    return [_queue(each) for each in found]


def _queue(each: QueueFigures) -> Row:
    level = "—" if each.level is None else f"{each.level:.0%}"
    low = each.level is not None and each.level < 0.8
    return {
        "key": each.queue,
        "name": each.queue,
        "kind": "",
        "cells": [
            {"text": each.queue, "kind": "id"},
            {"text": str(each.waiting or "—"), "kind": "number late" if each.waiting else "number"},
            {"text": waited(each.longest_s) if each.waiting else "—", "kind": "number"},
            {"text": f"{each.free}/{each.serving}", "kind": "number"},
            {
                "text": level,
                "kind": "number late" if low else "number",
                "hint": f"近 30 分钟，{each.target_s:.0f} 秒内接听的来电占全部来电（很快就挂机的不算）",
            },
            {"text": str(each.came), "kind": "number"},
            {"text": str(each.left or ""), "kind": "number"},
            {"text": "—" if each.mean_wait_s is None else waited(each.mean_wait_s), "kind": "number"},
        ],
        "acts": [],
    }
