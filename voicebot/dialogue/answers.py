"""What an answer puts into a slot, by the kind that was asked for; spoken or keyed."""

import re
from datetime import date
from typing import Final

from voicebot.core.meaning import Meaning, Slot
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue.corrections import whole_address
from voicebot.dialogue.days import keyed_day, spoken_day
from voicebot.dialogue.questions import AskStep
from voicebot.dialogue.state import Filled
from voicebot.language.numbers import dictated

AS_SAID: Final = frozenset({"address", "time", "object"})
"""Slots kept in the caller's own words; of the others the normalised value counts."""

FOUND_AS: Final = {
    ExpectKind.ADDRESS: "address",
    ExpectKind.TIME: "time",
    ExpectKind.PHONE: "phone",
    ExpectKind.NAME: "name",
    ExpectKind.SCORE: "score",
}
"""What understanding calls an answer of a kind, whatever the slot of the flow is called."""

LEAST_CERTAIN: Final = 0.45
"""Confidence below which a detail is asked for again; those of typed words are all above."""

SHORTEST_NUMBER: Final = 4
"""Least digits of a number, unless the question says that it has fewer."""
SCORES: Final = ("1", "2", "3", "4", "5")
_PHONE: Final = re.compile(r"1\d{10}|0\d{9,11}|[2-9]\d{6,7}|12\d{3}")


def filled(name: str, slot: Slot, text: str = "", found_as: str = "") -> Filled:
    """A slot of a meaning as the dialogue keeps it; an address with what follows it in `text`."""
    kind = found_as or name
    value = slot.span if kind in AS_SAID and slot.span else slot.value
    if kind == "address" and text:
        value = whole_address(text, value)
    return Filled(name, value or slot.span, slot.span, slot.confidence)


def in_doubt(detail: Slot | Filled) -> bool:
    """It may well not be what the caller said."""
    return detail.confidence < LEAST_CERTAIN


def is_phone(digits: str) -> bool:
    return _PHONE.fullmatch(digits) is not None


def spoken_value(step: AskStep, slot: str, meaning: Meaning, text: str, today: date) -> Filled | None:
    """What `text` tells for `slot`, where it is of the kind that was asked for."""
    kind, most = step.expect, step.digits
    if kind is ExpectKind.DATE:
        time = meaning.slots.get("time")
        day = spoken_day(time, step.when, today) if time else None
        return Filled(slot, day.isoformat(), time.span, time.confidence) if time and day else None
    found_as = FOUND_AS.get(kind, slot)
    found = meaning.slots.get(slot) or meaning.slots.get(found_as)
    if found and not (found_as == "phone" and not is_phone(found.value)):
        told = filled(slot, found, text, found_as)
        return told if kind is not ExpectKind.DIGITS or _fits(told.value, most) else None
    digits = dictated(text)
    match kind:
        case ExpectKind.PHONE if is_phone(digits):
            return Filled(slot, digits, text)
        case ExpectKind.DIGITS if _fits(digits, most):
            return Filled(slot, digits, text)
        case ExpectKind.SCORE if meaning.choice is not None and 0 <= meaning.choice < len(SCORES):
            return Filled(slot, SCORES[meaning.choice], text)
        case _:
            return None


def keyed_value(step: AskStep, slot: str, keys: str, today: date) -> Filled | None:
    """What keys tell for `slot`; a day is keyed as ``1124`` or ``20261124``."""
    kind, most = step.expect, step.digits
    digits = re.sub(r"\D", "", keys)
    match kind:
        case ExpectKind.PHONE if is_phone(digits):
            return Filled(slot, digits)
        case ExpectKind.DIGITS if _fits(digits, most):
            return Filled(slot, digits)
        case ExpectKind.SCORE if digits in SCORES:
            return Filled(slot, digits)
        case ExpectKind.DATE if day := keyed_day(digits, step.when, today):
            return Filled(slot, day.isoformat())
        case _:
            return None


def _fits(digits: str, most: int) -> bool:
    least = min(SHORTEST_NUMBER, most) if most else SHORTEST_NUMBER
    return least <= len(digits) <= (most or len(digits))
