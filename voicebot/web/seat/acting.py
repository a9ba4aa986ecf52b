"""What the buttons of the call bar do."""

from typing import Final

from voicebot.operations.talks import TalkAction, TalkOrder
from voicebot.seats.contact import Contact
from voicebot.seats.seat import Seat, SeatState
from voicebot.web.seat.bar import Act
from voicebot.web.seat.who import SeatVisit

_ORDERS: Final = {
    Act.TRANSFER: TalkAction.TRANSFER,
    Act.CONFERENCE: TalkAction.CONFERENCE,
    Act.KEYS: TalkAction.KEYS,
    Act.BACK: TalkAction.BACK,
    Act.HANG_UP: TalkAction.HANG_UP,
}
_MORE: Final = {
    "drop": TalkAction.DROP,
    "record": TalkAction.RECORD,
    "pause_recording": TalkAction.PAUSE_RECORDING,
}
LONGEST: Final = 200
"""Characters of a target or of keys."""


async def press(visit: SeatVisit, seat: Seat, contact: Contact | None, tab: str, act: str, to: str) -> bool:
    """Carries out one press; False when it was refused, which was said."""
    desk, me = visit.pages.desk, visit.seat
    match act:
        case "toggle":
            back = seat.state in (SeatState.BUSY, SeatState.BREAK) or seat.next is not None
            return await visit.do(desk.ready(me, tab) if back else desk.busy(me, tab))
        case Act.EXTEND:
            return await visit.do(desk.extend_wrap_up(me, tab))
        case Act.FINISH:
            return await visit.do(desk.finish_wrap_up(me, tab))
    if contact is None or seat.tab != tab:
        return False
    if act == Act.ANSWER:
        return await visit.do(desk.accept(me, tab, contact.call_id))
    if act == Act.DECLINE:
        return await visit.do(desk.decline(me, tab, contact.call_id))
    action = order_of(act, contact)
    return action is not None and await order(visit, contact, action, to)


def order_of(act: str, contact: Contact) -> TalkAction | None:
    """The order to the line; of a button that is on, the way back."""
    talk = contact.talk
    if act == Act.MUTE:
        return TalkAction.UNMUTE if talk is not None and talk.muted else TalkAction.MUTE
    if act == Act.HOLD:
        return TalkAction.RESUME if talk is not None and talk.held else TalkAction.HOLD
    if act in _MORE:
        return _MORE[act]
    return _ORDERS.get(Act(act)) if act in set(Act) else None


async def order(visit: SeatVisit, contact: Contact, action: TalkAction, to: str = "") -> bool:
    """Asks the line of a talk; what it refuses is said."""
    wanted = TalkOrder(contact.call_id, visit.seat, action, to[:LONGEST] if action != TalkAction.SAY else to)
    return await visit.do(visit.pages.talks.order(wanted))
