"""The call bar as a table: what a seat is in → what stands on the bar and which buttons work.

Order and number of the buttons never change, so that a hand finds them without looking.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from voicebot.seats.contact import Contact, ContactState, Party, Talk
from voicebot.seats.seat import Seat, SeatState
from voicebot.web.seat.words import STATES


class Scene(StrEnum):
    """What the bar tells apart."""

    OFFLINE = "offline"
    ELSEWHERE = "elsewhere"
    """Another window of this browser, or of another, has the seat."""
    READY = "ready"
    BUSY = "busy"
    BREAK = "break"
    OFFERED = "offered"
    JOINING = "joining"
    """Accepted; the caller is being put through."""
    TALKING = "talking"
    MUTED = "muted"
    HELD = "held"
    RINGING = "ringing"
    """A third party is being rung, beside the talk."""
    CONFERENCE = "conference"
    RELEASED = "released"
    """The caller was sent to the seat's phone; nothing of it passes here."""
    WRAP_UP = "wrap_up"


class Act(StrEnum):
    """Buttons of the bar, in their order."""

    ANSWER = "answer"
    DECLINE = "decline"
    MUTE = "mute"
    HOLD = "hold"
    TRANSFER = "transfer"
    CONFERENCE = "conference"
    KEYS = "keys"
    BACK = "back"
    HANG_UP = "hang_up"
    EXTEND = "extend"
    FINISH = "finish"


_TALK: Final = frozenset({Act.MUTE, Act.HOLD, Act.TRANSFER, Act.CONFERENCE, Act.KEYS, Act.BACK, Act.HANG_UP})

ENABLED: Final = {
    Scene.OFFLINE: frozenset[Act](),
    Scene.ELSEWHERE: frozenset[Act](),
    Scene.READY: frozenset[Act](),
    Scene.BUSY: frozenset[Act](),
    Scene.BREAK: frozenset[Act](),
    Scene.OFFERED: frozenset({Act.ANSWER, Act.DECLINE}),
    Scene.JOINING: frozenset({Act.HANG_UP}),
    Scene.TALKING: _TALK,
    Scene.MUTED: _TALK,
    Scene.HELD: _TALK - {Act.KEYS},
    Scene.RINGING: _TALK - {Act.TRANSFER, Act.CONFERENCE},
    Scene.CONFERENCE: _TALK,
    Scene.RELEASED: frozenset({Act.HANG_UP}),
    Scene.WRAP_UP: frozenset({Act.EXTEND, Act.FINISH}),
}

STATUS: Final = {
    Scene.OFFLINE: "未签入",
    Scene.ELSEWHERE: "已在另一个窗口签入",
    Scene.READY: "示闲，等待来电",
    Scene.BUSY: "示忙，不接新来电",
    Scene.BREAK: "小休",
    Scene.OFFERED: "来电，请接听",
    Scene.JOINING: "正在接通",
    Scene.TALKING: "通话中",
    Scene.MUTED: "已静音，对方听不到您",
    Scene.HELD: "保持中，来电人在听音乐",
    Scene.RINGING: "正在呼叫",
    Scene.CONFERENCE: "多方通话中",
    Scene.RELEASED: "已转到您的话机，本页听不到通话",
    Scene.WRAP_UP: "话后整理",
}

TONES: Final = {
    Scene.OFFLINE: "off",
    Scene.ELSEWHERE: "bad",
    Scene.READY: "free",
    Scene.BUSY: "away",
    Scene.BREAK: "away",
    Scene.OFFERED: "ring",
    Scene.JOINING: "talk",
    Scene.TALKING: "talk",
    Scene.MUTED: "warn",
    Scene.HELD: "warn",
    Scene.RINGING: "talk",
    Scene.CONFERENCE: "talk",
    Scene.RELEASED: "talk",
    Scene.WRAP_UP: "wrap",
}

_WORDS: Final = {
    Act.ANSWER: ("接听", "F2"),
    Act.DECLINE: ("让给别人", "F4"),
    Act.MUTE: ("静音", "F8"),
    Act.HOLD: ("保持", "F9"),
    Act.TRANSFER: ("转接", "Shift+F2"),
    Act.CONFERENCE: ("三方", "Shift+F9"),
    Act.KEYS: ("按键", "Shift+F8"),
    Act.BACK: ("交还热线", ""),
    Act.HANG_UP: ("挂机", "F4"),
    Act.EXTEND: ("继续整理", "F9"),
    Act.FINISH: ("整理完毕", "F2"),
}
"""Function keys alone or with Shift: neither the browser nor an input method wants these."""


@dataclass(frozen=True, slots=True)
class Button:
    """`pressed`: it is on (muted, held); its words are then those of the way back."""

    act: Act
    words: str
    key: str
    on: bool
    pressed: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """Args: since, until: clocks beside the status."""

    scene: Scene
    status: str
    tone: str
    buttons: tuple[Button, ...]
    since: datetime | None = None
    until: datetime | None = None


def scene(seat: Seat | None, contact: Contact | None, tab: str) -> Scene:
    """What the window `tab` of this seat is in."""
    if seat is None or seat.state is SeatState.OFFLINE:
        return Scene.OFFLINE
    if seat.tab and tab and seat.tab != tab:
        return Scene.ELSEWHERE
    match seat.state:
        case SeatState.TALKING | SeatState.HELD:
            return _talk(seat, contact)
        case other:
            return Scene(other.value)


def _talk(seat: Seat, contact: Contact | None) -> Scene:
    talk = contact.talk if contact is not None and contact.state is ContactState.TAKEN else None
    if talk is None:
        return Scene.JOINING
    if talk.released:
        return Scene.RELEASED
    if talk.held or seat.state is SeatState.HELD:
        return Scene.HELD
    if talk.muted:
        return Scene.MUTED
    outside = others(talk)
    if any(leg.state == "ringing" for leg in outside):
        return Scene.RINGING
    return Scene.CONFERENCE if outside else Scene.TALKING


def others(talk: Talk) -> tuple[Any, ...]:
    """Legs beside the seat that the caller hears."""
    heard = [leg for leg in talk.legs if leg.party in (Party.OUTSIDE, Party.SEAT)]
    seats = [leg for leg in heard if leg.party is Party.SEAT]
    return tuple(leg for leg in heard if leg.party is Party.OUTSIDE or leg is not seats[0])


def bar(seat: Seat | None, contact: Contact | None, tab: str) -> Bar:
    """What stands on the bar."""
    at = scene(seat, contact, tab)
    talk = contact.talk if contact is not None else None
    endless = seat is None or seat.until is None
    buttons = tuple(_button(act, at, talk, endless=endless) for act in Act)
    if seat is None or at in (Scene.OFFLINE, Scene.ELSEWHERE):
        return Bar(at, STATUS[at], TONES[at], buttons)
    since = seat.since
    if seat.state in (SeatState.TALKING, SeatState.HELD) and contact is not None and contact.taken_at:
        since = contact.taken_at
    until = seat.until if at in (Scene.OFFERED, Scene.WRAP_UP) else None
    return Bar(at, _status(at, seat, talk), TONES[at], buttons, since, until)


def _button(act: Act, at: Scene, talk: Talk | None, *, endless: bool) -> Button:
    words, key = _WORDS[act]
    on = act in ENABLED[at] and not (act is Act.EXTEND and endless)
    if act is Act.MUTE and talk is not None and talk.muted:
        return Button(act, "取消静音", key, on, pressed=True)
    if act is Act.HOLD and at is Scene.HELD:
        return Button(act, "接回", key, on, pressed=True)
    return Button(act, words, key, on)


def _status(at: Scene, seat: Seat, talk: Talk | None) -> str:
    match at:
        case Scene.BREAK if seat.reason:
            return f"{STATES[SeatState.BREAK]}：{seat.reason}"
        case Scene.RINGING if talk is not None:
            who = "、".join(leg.name for leg in others(talk) if leg.state == "ringing")
            return f"正在呼叫 {who}"
        case Scene.CONFERENCE if talk is not None:
            return f"{len(others(talk)) + 2} 方通话中"
        case Scene.MUTED | Scene.HELD if talk is not None and talk.muted and talk.held:
            return "保持中并已静音"
        case _:
            return STATUS[at]


def props(found: Bar, now: datetime) -> dict[str, Any]:
    """As ``parts/seat_bar.js`` takes it; moments in ms since 1970."""
    return {
        "scene": found.scene.value,
        "status": found.status,
        "tone": found.tone,
        "since": stamp(found.since),
        "until": stamp(found.until),
        "now": stamp(now),
        "buttons": [
            {"act": b.act.value, "words": b.words, "key": b.key, "on": b.on, "pressed": b.pressed}
            for b in found.buttons
        ],
    }


def stamp(at: datetime | None) -> int | None:
    """Milliseconds since 1970, as the browser counts."""
    return None if at is None else int(at.timestamp() * 1000)
