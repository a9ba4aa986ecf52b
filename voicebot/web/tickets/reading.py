"""What was typed in a dialog, as the details of an action."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from voicebot.core.demand import Demand
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName, TicketNo
from voicebot.core.meaning import AppealType, Urgency
from voicebot.tickets.given import Correction, Given
from voicebot.tickets.numbers import LENGTH, digits_of
from voicebot.tickets.parts import Difficulty, Reference, SupervisionLevel
from voicebot.tickets.rejection import RejectCode
from voicebot.tickets.ticket import TITLE_LENGTH, Ticket
from voicebot.tickets.ticket import TicketAction as A
from voicebot.web.tickets.fields import CORRECTED

Values = Mapping[str, Any]
_YES: Final = {"yes": True, "no": False}


def reason_of(values: Values) -> str:
    return _text(values, "reason")


def given_of(action: A, values: Values, ticket: Ticket, zone: tzinfo | None) -> Given:
    """Details of a move of one ticket.

    Args:
        zone: of the city, in which times are typed.

    Raises:
        VoicebotError: ``ticket.incomplete``: something is no choice, no time, no number.
    """
    given: dict[str, Any] = {}
    try:
        for name, read in _READ.items():
            if text := _text(values, name):
                given[name] = read(text)
        for name in ("until", "due"):
            if text := _text(values, name):
                given[name] = datetime.fromisoformat(text).replace(tzinfo=zone)
        if "co_departments" in values:
            given["co_departments"] = _units(values["co_departments"])
        if action is A.CORRECT:
            given = {"correction": _correction(values, ticket)}
        if action is A.LINK:
            given = {"reference": Reference(_text(values, "system"), _text(values, "number"))}
    except (ValueError, KeyError) as error:
        raise VoicebotError("ticket.incomplete", "有的内容不对：请看看时间、选项和号码") from error
    if action in (A.DISPATCH, A.DESIGNATE) and not given.get("co_departments"):
        given.pop("co_departments", None)
    return Given(**given)


def number_of(values: Values, name: str) -> TicketNo:
    """The number of another ticket.

    Raises:
        VoicebotError: ``ticket.incomplete``.
    """
    digits = digits_of(_text(values, name))
    if len(digits) != LENGTH:
        raise VoicebotError("ticket.incomplete", f"工单号是{LENGTH}位数字")
    return TicketNo(digits)


def part_of(values: Values, ticket: Ticket) -> Demand:
    """What is split off; channel, call and confidentiality are the origin's.

    Raises:
        VoicebotError: ``ticket.incomplete``.
    """
    title, content = _text(values, "part_title"), _text(values, "part_content")
    if not title or not content:
        raise VoicebotError("ticket.incomplete", "拆出的事项和内容都要写")
    try:
        appeal = AppealType(_text(values, "part_appeal") or ticket.appeal_type)
    except ValueError as error:
        raise VoicebotError("ticket.incomplete", "没有这种诉求类型") from error
    return Demand(
        appeal_type=appeal,
        title=title[:TITLE_LENGTH],
        content=content,
        channel=ticket.channel,
        urgency=ticket.urgency,
        address=_text(values, "part_address"),
        district=ticket.district,
        occurred=ticket.occurred,
        confidential=ticket.confidential,
        anonymous=ticket.anonymous,
        want_reply=ticket.want_reply,
        call_id=ticket.call_id,
        origin_hotline=ticket.origin_hotline,
    )


_READ: Final[Mapping[str, Any]] = {
    "department": DepartmentName,
    "reply": str,
    "return_ground": str,
    "reject_code": RejectCode,
    "difficult": Difficulty,
    "level": SupervisionLevel,
    "note": str,
    "feedback": str,
    "reached": _YES.__getitem__,
    "solved": _YES.__getitem__,
    "rating": int,
    "rating_reason": str,
}


def _correction(values: Values, ticket: Ticket) -> Correction:
    """The fields that are another now."""
    read: dict[str, Any] = {
        "appeal_type": AppealType,
        "urgency": Urgency,
        "confidential": _YES.__getitem__,
        "want_reply": _YES.__getitem__,
    }
    changed = {}
    for name in CORRECTED:
        if name in values:
            value = read.get(name, str)(_text(values, name))
            if value != getattr(ticket, name):
                changed[name] = value
    return Correction(**changed)


def _units(value: object) -> tuple[DepartmentName, ...]:
    if not isinstance(value, list):
        raise ValueError(value)
    return tuple(DepartmentName(str(one)) for one in value)


def _text(values: Values, name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) else ""
