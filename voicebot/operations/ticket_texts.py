"""Texts and keys of requests about tickets: nobody's number or name gets into a history readable."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from voicebot.core.demand import Demand
from voicebot.core.errors import VoicebotError
from voicebot.operations.ports import Account
from voicebot.tickets.given import Given
from voicebot.tickets.parts import Reference
from voicebot.tickets.privacy import conceal
from voicebot.tickets.ticket import TITLE_LENGTH, TicketAction, TicketEvent

_CONCEALED: Final = ("rating_reason", "return_ground", "note", "feedback")
"""Texts of `Given`; a reply may tell the number of an office."""
_TOLD: Final = ("title", "content", "address", "appeal_type")


def actor(who: Account) -> str:
    """How an account stands in a ticket's history."""
    return f"{who.role}:{who.name}"


def request(who: Account, key: str) -> str:
    """A request's key, apart from equal ones of other accounts; "" without one."""
    return f"account:{who.name}:{key}" if key else ""


def handed_over(refs: Sequence[Reference]) -> str:
    """The key of a matter that another system hands over; "" when none does."""
    return f"ref:{refs[0].system}:{refs[0].number}" if refs else ""


def concealed(name: str, reason: str, given: Given) -> tuple[str, Given, tuple[str, ...]]:
    """A reason and details without names and numbers of people, and the numbers.

    Args:
        name: of the person, "" when not known.
    """
    hidden: list[str] = []

    def hide(text: str) -> str:
        masked, found = conceal(text, name)
        hidden.extend(found)
        return masked

    said = hide(reason)
    values: dict[str, Any] = {
        field: hide(text) for field in _CONCEALED if (text := getattr(given, field)) is not None
    }
    if given.correction is not None:
        texts: dict[str, Any] = {f: hide(v) for f, v in given.correction.values().items() if type(v) is str}
        values["correction"] = replace(given.correction, **texts)
    return said, replace(given, **values), tuple(dict.fromkeys(hidden))


def numbers_of(demand: Demand) -> tuple[str, ...]:
    """Numbers that a birth masks in the texts of a demand, each once."""
    texts = (demand.title, demand.content, demand.address, demand.occurred, demand.object)
    spans = (span for _, span in demand.evidence)
    return tuple(dict.fromkeys(number for text in (*texts, *spans) for number in conceal(text)[1]))


def same_demand(event: TicketEvent, demand: Demand, *, again: bool) -> None:
    """Whether what is stored under a request's key is this demand.

    Args:
        again: another system hands its matter over again, perhaps in other words; that is no mistake.

    Raises:
        VoicebotError: ``ticket.key_reused``.
    """
    if again:
        return
    told = {change.field: change.after for change in event.changes}
    if event.action in (TicketAction.ACCEPT, TicketAction.DRAFT) and event.before is None:
        name = demand.caller_name
        asked = {
            "title": conceal(demand.title, name)[0][:TITLE_LENGTH],
            "content": conceal(demand.content, name)[0],
            "address": conceal(demand.address, name)[0],
            "appeal_type": demand.appeal_type.value,
        }
        same = all(told.get(field) == asked[field] for field in _TOLD)
    else:
        same = event.reason == conceal(demand.content or demand.title, demand.caller_name)[0].strip()
    if not same:
        raise VoicebotError("ticket.key_reused", "这个 Idempotency-Key 已经用在另一个请求上")
