"""What helps a seat while it talks: worked out of what was said so far, nothing is stored.

Pure but for its ports: the same sentences give the same help. Each finding carries its evidence, so that the
seat can see why it stands there: the words, and the sentence they are from.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.meaning import AppealType, Intent, Meaning, Mood, Urgency
from voicebot.core.utterance import Expect, Utterance
from voicebot.dialogue.cues import ELDERLY
from voicebot.dialogue.notes import content, plain, shorten, third_person, title

Comprehend = Callable[[Utterance, Expect, datetime], tuple[Meaning, Answer | NoAnswer]]
"""What a sentence means and what is known about it (`Brain.comprehend`)."""

TO_BOT: Final = -1
"""Index of a sentence that was said before the person came."""
LATELY: Final = 40
"""Sentences that are looked at, the last ones."""
SHORTEST: Final = 3
"""Characters of a sentence that may hold something."""
WORTH_SAYING: Final = 0.5
"""Probability from which an article is suggested."""
MOST_HITS: Final = 3
DETAILS: Final = {"address": "地点", "time": "时间", "object": "反映对象"}
FIELDS: Final = ("address", "district", "time", "object", "name", "phone", "confidential", "anonymous")
MISSING: Final = (
    ("address", "问地点", "请问具体是在什么位置？"),
    ("time", "问时间", "请问是什么时候的事？"),
    ("phone", "问电话", "方便留一个电话吗？处理结果告诉您。"),
)
RISKS: Final = (
    *("自杀", "跳楼", "不想活", "活不下去", "喝药", "同归于尽", "炸", "放火", "砍", "打死", "捅"),
    *("上访", "信访", "媒体", "曝光", "网上发", "起诉", "聚集", "讨薪", "拉横幅", "投毒"),
)
"""Words after which a supervisor wants to know of a call."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What the caller said. Args: index: of the line of the talk, `TO_BOT` before it; confidence: heard."""

    index: int
    text: str
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """A field of the ticket. Args: span: the caller's words; index: of the sentence they are from."""

    name: str
    value: str
    confidence: float
    span: str = ""
    index: int = TO_BOT


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that answers something the caller said. Args: as_of: when it was last verified."""

    article: str
    title: str
    text: str
    source: str
    as_of: date | None
    score: float
    index: int


@dataclass(frozen=True, slots=True)
class NextStep:
    """Args: kind: ``do``, ``say`` or ``ask``; text: words for the caller; why: evidence or source."""

    kind: str
    words: str
    text: str = ""
    why: str = ""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class SeatHelp:
    """What may help now.

    Args:
        mood: ``""``, ``upset`` or ``angry``. emergency: ``110`` … or "".
        risks: words that were said. summary: for the notes after the call.
    """

    hits: tuple[Hit, ...] = ()
    department: str = ""
    department_score: float = 0.0
    emergency: str = ""
    elder: bool = False
    mood: str = ""
    risks: tuple[str, ...] = ()
    steps: tuple[NextStep, ...] = ()
    summary: str = ""
    fields: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class _Understood:
    said: Sentence
    meaning: Meaning
    answer: Answer | NoAnswer


def seat_help(
    said: Sequence[Sentence],
    comprehend: Comprehend,
    at: datetime,
    *,
    answered: Sequence[str] = (),
    known: Mapping[str, str] | None = None,
) -> SeatHelp:
    """Help after what was said so far.

    Args:
        said: by the caller, in order. at: now, for relative dates.
        answered: what the person said; the last words are the result of the call.
        known: slots that the bot has filled.
    """
    looked = [_look(one, comprehend, at) for one in said[-LATELY:] if len(one.text.strip()) >= SHORTEST]
    hits = _hits(looked)
    matters = [one for one in looked if one.meaning.intent is Intent.TICKET]
    fields = _fields(looked, matters, known or {})
    guesses = [guess for one in matters or looked for guess in one.meaning.departments[:1]]
    best = max(guesses, key=lambda guess: guess.score, default=None)
    emergency = next((n for one in reversed(looked) if (n := one.meaning.intent.emergency_number)), "")
    words = "".join(one.text for one in said)
    moods = [one.meaning.mood for one in looked[-3:]]
    angry = Mood.ANGRY in moods
    found = {field.name: _said(field) for field in fields}
    return SeatHelp(
        hits=hits,
        department=best.name if best else "",
        department_score=best.score if best else 0.0,
        emergency=emergency,
        elder=ELDERLY.search(words) is not None,
        mood="angry" if angry else "upset" if Mood.DISTRESSED in moods else "",
        risks=tuple(word for word in RISKS if word in words),
        steps=tuple(_steps(hits, bool(matters), found, emergency, angry)),
        summary=_summary(found, hits, answered),
        fields=fields,
    )


def _look(said: Sentence, comprehend: Comprehend, at: datetime) -> _Understood:
    meaning, answer = comprehend(Utterance(said.text, said.confidence), Expect(), at)
    return _Understood(said, meaning, answer)


def _hits(looked: Sequence[_Understood]) -> tuple[Hit, ...]:
    """The best of each article; of equal ones what was asked last."""
    found: dict[str, Hit] = {}
    for one in looked:
        if isinstance(one.answer, Answer) and one.answer.score >= WORTH_SAYING:
            a = one.answer
            hit = Hit(a.article, a.title, a.text, a.source, a.as_of, a.score, one.said.index)
            if a.article not in found or found[a.article].score <= hit.score:
                found[a.article] = hit
    return tuple(sorted(found.values(), key=lambda hit: (hit.score, hit.index), reverse=True)[:MOST_HITS])


def _fields(
    looked: Sequence[_Understood], matters: Sequence[_Understood], known: Mapping[str, str]
) -> tuple[Found, ...]:
    """What the bot knew, then what was said since: later words win unless they were heard much worse."""
    found = {name: Found(name, value, 1.0) for name, value in known.items() if name in (*FIELDS, "what")}
    for one in looked:
        for name, slot in one.meaning.slots.items():
            sure = slot.confidence * one.said.confidence
            if name in FIELDS and (name not in found or sure >= 0.7 * found[name].confidence):
                found[name] = Found(name, slot.value, sure, slot.span, one.said.index)
    if matters:
        told = max(matters, key=lambda one: len(one.said.text))
        if len(told.said.text) > len(found["what"].value if "what" in found else ""):
            sure = told.meaning.confidence * told.said.confidence
            found["what"] = Found("what", told.said.text, sure, told.said.text, told.said.index)
    return (*found.values(), *_written(found, matters))


def _written(found: Mapping[str, Found], matters: Sequence[_Understood]) -> Iterator[Found]:
    """The fields of a ticket that are made of the others, as sure as what they are made of."""
    what = found.get("what")
    if what is None:
        return
    appeal = next((one.meaning.appeal_type for one in reversed(matters) if one.meaning.appeal_type), None)
    place = found["address"].value if "address" in found else ""
    details = [(label, _said(found[name])) for name, label in DETAILS.items() if name in found]
    verb = "反映" if appeal in (None, AppealType.HELP) else str(appeal)
    evidence = (what.confidence, what.span, what.index)
    yield Found("title", title(plain(what.value), place), *evidence)
    yield Found("content", content(verb, what.value, tuple(details)), *evidence)
    if appeal:
        yield Found("appeal_type", appeal.value, *evidence)
    urgency = max((one.meaning.urgency for one in matters), key=list(Urgency).index, default=Urgency.NORMAL)
    if urgency is not Urgency.NORMAL:
        yield Found("urgency", urgency.value, *evidence)


def _said(field: Found) -> str:
    """As people read it: a time in the caller's words."""
    return field.span if field.name == "time" and field.span else field.value


def _steps(
    hits: Sequence[Hit], matter: bool, found: Mapping[str, str], emergency: str, angry: bool
) -> Iterator[NextStep]:
    """Best first: danger, the caller's temper, the answer, what a ticket still lacks."""
    if emergency:
        yield NextStep("do", f"三方接入{emergency}", why="来电人说到险情")
    if angry:
        yield NextStep("say", "先安抚", "让您着急了，我马上帮您处理。", "来电人在生气")
    for hit in hits:
        why = hit.source + (f"（{hit.as_of:%Y-%m-%d} 核对）" if hit.as_of else "")
        yield NextStep("say", hit.title, hit.text, why, hit.score)
    if not matter:
        return
    lacking = [(words, ask) for name, words, ask in MISSING if not found.get(name)]
    for words, ask in lacking:
        yield NextStep("ask", words, ask, "工单还缺这一项")
    if not lacking:
        yield NextStep("do", "立单", why="事情、地点、时间、电话都有了")


def _summary(found: Mapping[str, str], hits: Sequence[Hit], answered: Sequence[str]) -> str:
    """Two sentences at most: the matter, and how it was answered."""
    parts = []
    if what := found.get("what", ""):
        details = [f"{label}{found[name]}" for name, label in DETAILS.items() if found.get(name)]
        parts.append("，".join([f"来电人反映：{shorten(third_person(plain(what)), 60)}", *details]) + "。")
    elif hits:
        parts.append(f"来电人咨询：{hits[0].title}。")
    last = next((words for words in reversed(answered) if len(words) >= 2 * SHORTEST), "")
    if parts and last:
        parts.append(f"话务员：{shorten(last, 60)}。")
    return "".join(parts)
