"""A read-back, and what of it the caller puts right in the same breath: 不对，是三号楼; 车牌是云B12345.

Understanding knows some slots by their names; those of a flow's own are known by how they are read back
(their label) and by the question that asked for them (its kind).
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from voicebot.core.meaning import Meaning
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue.answers import FOUND_AS, filled, spoken_value
from voicebot.dialogue.corrections import corrected, merge_address, without_denial
from voicebot.dialogue.flows import Flow
from voicebot.dialogue.schema import AskStep
from voicebot.dialogue.state import Filled, State

MATTER: Final = "what"
"""Told anew as a whole, never put right by its label."""
NAMED: Final = frozenset({*FOUND_AS.values(), MATTER, "object", "ticket_no"})
"""Slots that understanding finds by their own names."""
FREE: Final = frozenset({ExpectKind.OPEN, ExpectKind.ADDRESS, ExpectKind.TIME, ExpectKind.NAME})
"""Questions that any fitting words answer, found by understanding or not."""
SHORTEST_LABEL: Final = 2
_NEW: Final = (
    r"(?:号码|信息)?(?:不对|不是|错了|写错了|说错了|记错了)?[了啊呢的，,。、\s]*(?:应该|应当)?"
    r"(?:是|为|改成|改为|换成)(?P<new>(?!不|没|对的).+)"
)


def put_right(
    flow: Flow, state: State, meaning: Meaning, text: str, allowed: tuple[str, ...], today: date
) -> tuple[Filled, ...]:
    """New values of slots, only of those `allowed`; of the matter itself too where it holds the old ones."""
    asks = {s.slot: s for s in flow.nodes.values() if isinstance(s, AskStep) and s.slot in allowed and s.slot}
    labels = {name: label for name, label in flow.labels.items() if name in allowed and name != MATTER}
    changes = [_as_known(meaning, *change) for change in corrected(meaning, text, allowed).items()]
    changes = changes or _by_label(labels, asks, meaning, text, today)
    changes = changes or _by_kind(asks, meaning, text, today)
    merged = [_merged(state, change, asks.get(change.name)) for change in changes]
    return (*_amended(state, merged), *merged)


def _as_known(meaning: Meaning, name: str, value: str) -> Filled:
    slot = meaning.slots.get(name)
    return filled(name, slot) if slot else Filled(name, value, value)


def _by_label(
    labels: Mapping[str, str], asks: Mapping[str, AskStep], meaning: Meaning, text: str, today: date
) -> list[Filled]:
    for name, label in labels.items():
        told = re.search(re.escape(label) + _NEW, text) if len(label) >= SHORTEST_LABEL else None
        if told is None:
            continue
        new, ask = told["new"].strip("，,。！!？? "), asks.get(name)
        value = spoken_value(ask, name, meaning, new, today) if ask else None
        if value is None and new and (ask is None or ask.expect in FREE):
            value = Filled(name, new, new)
        if value is not None:
            return [value]
    return []


def _by_kind(asks: Mapping[str, AskStep], meaning: Meaning, text: str, today: date) -> list[Filled]:
    """The one slot of the flow's own that the words can be meant for."""
    if meaning.yes is True or meaning.choice is not None:
        return []
    new = without_denial(text)
    own = ((name, ask) for name, ask in asks.items() if name not in NAMED)
    found = [value for name, ask in own if (value := spoken_value(ask, name, meaning, new, today))]
    return found if len(found) == 1 else []


def _merged(state: State, change: Filled, ask: AskStep | None) -> Filled:
    if change.name != "address" and (ask is None or ask.expect is not ExpectKind.ADDRESS):
        return change
    value = merge_address(state.slot(change.name), change.value)
    return Filled(change.name, value, change.span, change.confidence)


def _amended(state: State, changes: list[Filled]) -> list[Filled]:
    """The matter itself with the corrected details, so that the ticket does not contradict itself."""
    matter = next((s for s in state.slots if s.name == MATTER), None)
    if matter is None or any(c.name == MATTER for c in changes):
        return []
    text = matter.value
    for change in changes:
        old = state.slot(change.name)
        text = text.replace(old, change.value) if old else text
    return [Filled(MATTER, text, matter.span, matter.confidence)] if text != matter.value else []
