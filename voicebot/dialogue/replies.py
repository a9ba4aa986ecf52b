"""Does what was said (or keyed) answer the question that is open? Pure reading, no effects."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from voicebot.core.meaning import Command, Intent, Meaning
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue.answers import in_doubt, is_phone, keyed_value, spoken_value
from voicebot.dialogue.cues import NOT_KNOWN, TIME, UNWILLING, VAGUE_PLACE
from voicebot.dialogue.events import Heard
from voicebot.dialogue.flows import Flow
from voicebot.dialogue.notes import plain
from voicebot.dialogue.readback import FREE, put_right
from voicebot.dialogue.schema import AskStep, Choice, MenuStep, RateStep, Step, target
from voicebot.dialogue.state import Filled, State
from voicebot.dialogue.ways import Field

ON: Final[Field] = ("next",)
YES: Final[Field] = ("yes",)
NO: Final[Field] = ("no",)
LOW: Final[Field] = ("low",)

CORRECTABLE: Final = ("address", "time", "phone", "object")

ELSEWHERE: Final = frozenset({Intent.FAQ, Intent.TICKET_STATUS, Intent.OUT_OF_SCOPE, Intent.RATING})
"""Meanings that are a new matter rather than an answer in free words."""

SMALL: Final = frozenset({Intent.CHITCHAT, Intent.UNCLEAR})

SURE: Final = 0.6
SHORTEST_WORDS: Final = 2
"""Characters of an answer in the caller's own words."""
SHORT_CHOICE: Final = 5
"""Longest words that may answer yes or no by key or label (按一)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to the open question.

    Args:
        way: out of the step, as `schema.targets` names it; empty, or none the step has, asks the same
            question again (with what was corrected).
        fills: slots it brings.
        score: of a rating.
    """

    way: Field
    fills: tuple[Filled, ...] = ()
    score: int | None = None


def spoken_reply(step: Step, flow: Flow, state: State, heard: Heard) -> Reply | None:
    """How an utterance answers `step` of `flow`; None when it does not."""
    meaning, text = heard.meaning, heard.utterance.text.strip("，,。！？!? \n")
    match step:
        case RateStep():
            return _score(step, meaning, text)
        case MenuStep(choices=choices):
            return _choice(choices, meaning, text)
        case AskStep():
            return _answer(step, flow, state, meaning, text, heard.at.date())
        case _:
            return None


def outright(step: Step, flow: Flow, state: State, heard: Heard) -> Reply | None:
    """An answer that counts as one, whatever its words may mean elsewhere: a bad score given in anger, words
    that the author has named, and an answer in the caller's own words."""
    text = heard.utterance.text.strip("，,。！？!? \n")
    match step:
        case RateStep():
            return spoken_reply(step, flow, state, heard)
        case AskStep(choices=choices) | MenuStep(choices=choices) if told := _by_words(choices, text):
            return told
        case AskStep(verbatim=True, slot=str() as slot) if heard.meaning.intent is not Intent.HUMAN:
            given = len(text) >= SHORTEST_WORDS and heard.meaning.command is None
            return Reply(ON, (Filled(slot, text, text, heard.meaning.confidence),)) if given else None
        case _:
            return None


def keyed_reply(step: Step, keys: str, today: date) -> Reply | None:
    """How keys answer `step`; None when they do not."""
    match step:
        case RateStep() if keys in ("1", "2", "3", "4", "5"):
            return _rated(step, int(keys))
        case (
            MenuStep(choices=choices)
            | AskStep(expect=ExpectKind.CHOICE, choices=choices)
            | AskStep(expect=ExpectKind.OPEN, choices=[_, *_] as choices)
        ):
            return next((Reply(_chosen(i)) for i, c in enumerate(choices) if c.key == keys), None)
        case AskStep(expect=ExpectKind.YES_NO) if keys in ("1", "2"):
            return Reply(YES if keys == "1" else NO)
        case AskStep(expect=ExpectKind.YES_NO, choices=[_, *_] as choices):
            return next((Reply(_chosen(i)) for i, c in enumerate(choices) if c.key == keys), None)
        case AskStep(slot=str() as slot) if told := keyed_value(step, slot, keys, today):
            return Reply(ON, (told,))
        case AskStep(corrects=corrects) if "phone" in corrects and is_phone(keys.strip("*#")):
            return Reply(ON, (Filled("phone", keys.strip("*#")),))
        case _:
            return None


def _score(step: RateStep, meaning: Meaning, text: str) -> Reply | None:
    slot = meaning.slots.get("score")
    if slot and slot.value in ("1", "2", "3", "4", "5"):
        return _rated(step, int(slot.value))
    if meaning.choice is not None and 0 <= meaning.choice < 5 and len(text) <= SHORT_CHOICE:
        return _rated(step, meaning.choice + 1)
    declines = (Command.SKIP, Command.GOODBYE, Command.THANKS)
    unwilling = meaning.yes is False or meaning.command in declines or UNWILLING.search(text)
    return Reply(ON) if unwilling else None


def _rated(step: RateStep, score: int) -> Reply:
    return Reply(LOW if step.low and score <= 2 else ON, score=score)


def _chosen(index: int) -> Field:
    return ("choices", index, "next")


def _says(text: str, word: str) -> bool:
    """A word with a full stop is the end of what is said: 我是。 is not in 我是他儿子."""
    return text.endswith(word[:-1]) if word.endswith("。") else word in text


def _by_words(choices: tuple[Choice, ...], text: str) -> Reply | None:
    named = (i for i, choice in enumerate(choices) if any(_says(text, word) for word in choice.words))
    return next((Reply(_chosen(i)) for i in named), None)


def _choice(choices: tuple[Choice, ...], meaning: Meaning, text: str) -> Reply | None:
    if told := _by_words(choices, text):
        return told
    if meaning.choice is not None and 0 <= meaning.choice < len(choices):
        return Reply(_chosen(meaning.choice))
    named = [i for i, c in enumerate(choices) if c.label in text]
    return Reply(_chosen(named[0])) if len(named) == 1 else None


def _answer(
    step: AskStep, flow: Flow, state: State, meaning: Meaning, text: str, today: date
) -> Reply | None:
    if step.corrects and (changes := put_right(flow, state, meaning, text, step.corrects, today)):
        new = tuple(f for f in changes if f.value != state.slot(f.name))
        if new or meaning.yes is False:
            return Reply(ON, new)
        return Reply(YES if step.yes else ON)  # what was read back, said once more, is a yes
    if step.choices and (reply := _choice(step.choices, meaning, text)):
        return reply
    if step.expect is ExpectKind.YES_NO and meaning.yes is None and len(text) <= SHORT_CHOICE:
        keyed = {0: YES, 1: NO}.get(meaning.choice if meaning.choice is not None else -1, ())
        if target(step, keyed) is not None and not step.choices:
            return Reply(keyed)
    if meaning.yes is not None and (step.expect is ExpectKind.YES_NO or meaning.intent in SMALL):
        said = YES if meaning.yes else NO
        if target(step, said) is not None:
            return Reply(said)
    if step.corrects and meaning.command is Command.CORRECT and step.no:
        return Reply(NO)
    if step.corrects and meaning.command in (Command.GOODBYE, Command.THANKS) and step.yes:
        return Reply(YES)  # all was read back: who takes leave agrees
    if step.slot is not None:
        if earlier := _earlier(step.slot, flow, state, meaning, text, today):
            return Reply((), earlier)
        return _slot(step, step.slot, state, meaning, text, today)
    if step.corrects and step.next and not _elsewhere(meaning):
        told = meaning.yes is None and meaning.command is None and "what" in step.corrects
        return _restated(state, text) if told else Reply(ON)
    return None


def _earlier(
    slot: str, flow: Flow, state: State, meaning: Meaning, text: str, today: date
) -> tuple[Filled, ...]:
    """A detail given before, put right while the next one is asked (不对，地址是三号楼)."""
    if meaning.yes is not False and meaning.command is not Command.CORRECT:
        return ()
    known = tuple(name for name in CORRECTABLE if name != slot and state.slot(name))
    return put_right(flow, state, meaning, text, known, today)


def _restated(state: State, text: str) -> Reply | None:
    """Another account of the matter: the new words lead, the old ones are kept."""
    if not plain(text):
        return None
    before = state.slot("what")
    return Reply(ON, (Filled("what", f"{plain(text)}（先前说：{before}）" if before else text, text),))


def _slot(step: AskStep, slot: str, state: State, meaning: Meaning, text: str, today: date) -> Reply | None:
    kind = step.expect
    if kind is ExpectKind.ADDRESS and state.misses == 0 and VAGUE_PLACE.fullmatch(text):
        return None  # asked once more, then any words will do
    if told := spoken_value(step, slot, meaning, text, today):
        again = in_doubt(told) and state.misses == 0  # once: what is said twice is kept, and read back
        return None if again else Reply(ON, (told,))
    unknown = meaning.command is Command.SKIP or NOT_KNOWN.search(text) is not None
    if unknown or (meaning.slots.get("anonymous") and kind is ExpectKind.PHONE):
        return Reply(ON) if step.optional else None
    if kind not in FREE or len(text) < 2 or meaning.command is not None:
        return None
    if _elsewhere(meaning) or _is_small(meaning) or _says_other(meaning, slot, text):
        return None
    if kind is ExpectKind.TIME and not TIME.search(text):
        return None
    return Reply(ON, (Filled(slot, text, text, meaning.confidence),))


def _is_small(meaning: Meaning) -> bool:
    """Small talk, or a yes or no where neither was asked for."""
    return meaning.intent is Intent.CHITCHAT and (meaning.yes is not None or meaning.confidence >= SURE)


def _says_other(meaning: Meaning, slot: str, text: str) -> bool:
    """The words are a detail that was not asked for (昨天 when asked where)."""
    spans = (len(s.span) for name, s in meaning.slots.items() if name != slot and name not in ("district",))
    return slot != "what" and max(spans, default=0) * 2 > len(text)


def _elsewhere(meaning: Meaning) -> bool:
    return meaning.intent in ELSEWHERE and meaning.confidence >= SURE
