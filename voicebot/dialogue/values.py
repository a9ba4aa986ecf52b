"""What a name stands for at this moment: variables of prompts and what branches look at."""

import re
from typing import Final

from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.dialogue.facts import FACTS, Situation, outages
from voicebot.dialogue.flows import VARIABLE, Flow
from voicebot.dialogue.notes import plain, second_person, shorten, without
from voicebot.dialogue.reading import message
from voicebot.dialogue.state import State
from voicebot.language.numbers import spelled, spoken

RECAP_LENGTH: Final = 30
_QUANTITY: Final = re.compile(r"[0-9]{1,12}")


def read(name: str, now: Situation, flow: Flow) -> str:
    """A variable, a fact or a slot; "" when it is empty."""
    if fact := FACTS.get(name):
        return fact.read(now)
    state = now.state
    match name:
        case "hotline":
            return now.city.hotline
        case "city":
            return now.city.name
        case "owner":
            return now.city.owner
        case "outages":
            return outages(now)
        case "caller":
            return state.caller
        case "recap":
            return recap(state, flow)
        case "topic":
            return state.doubt.title if state.doubt else ""
        case "other":
            return state.doubt.rival.title if state.doubt and state.doubt.rival else ""
        case "answer":
            return state.focus.text if state.focus else ""
        case "answer_message":
            return message(state.focus, now.city.hotline) if state.focus else ""
        case "parts":
            return spoken(len(state.bundle.parts)) if state.bundle else ""
        case "part":
            return state.focus.title if state.focus else ""
        case "part_number":
            return spoken(state.part)
        case _:
            return state.slot(name)


def recap(state: State, flow: Flow) -> str:
    """Filled slots of a flow with their labels, as read back to the caller."""
    parts: list[str] = []
    matter = state.slot("what")
    for name, label in flow.labels.items():
        told = state.slot(name)
        if name == "what":
            others = (state.slot("address"), state.slot("time"))
            told = shorten(without(plain(told), others), RECAP_LENGTH)
        twice = name == "object" and told in matter
        if label and told and not twice:
            parts.append(f"{label}：{second_person(told)}")
    return "，".join(parts)


def render(text: str, now: Situation, flow: Flow, language: LanguageTag = MANDARIN) -> str:
    """`text` with its variables filled in, digits as it wants them read; in other languages numbers are
    read digit by digit."""

    def found(match: re.Match[str]) -> str:
        told = read(match[1], now, flow)
        if language != MANDARIN:
            return " ".join(told) if told.isdigit() else told
        match match[0].partition(":")[2]:
            case "digits}":
                return spelled(told)
            case "number}":
                return _QUANTITY.sub(lambda digits: spoken(int(digits[0])), told)
            case _:
                return told

    return VARIABLE.sub(found, text)
