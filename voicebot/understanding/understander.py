"""One utterance in, one `Meaning` out: the rooms' front door."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from voicebot.core.answer import ArticleHit
from voicebot.core.catalogue import Department
from voicebot.core.ids import LanguageTag
from voicebot.core.meaning import AppealType, Command, DepartmentGuess, Intent, Meaning, Slot, Urgency
from voicebot.core.shelf import NOTHING_KEPT, Shelf
from voicebot.core.utterance import Expect, TextVerdict
from voicebot.understanding.completeness import judge
from voicebot.understanding.danger import Danger, find_danger
from voicebot.understanding.details import find_details, find_object, request_slot
from voicebot.understanding.examples import Example
from voicebot.understanding.intents import LONG, QUESTIONS, find_purpose
from voicebot.understanding.languages import language_asked
from voicebot.understanding.learned import Judged, Learned, learned_of
from voicebot.understanding.lexicon import Lexicon, load_lexicon
from voicebot.understanding.matcher import Hits
from voicebot.understanding.places import find_place
from voicebot.understanding.purpose import Purpose, led_by
from voicebot.understanding.reading import Reading, read
from voicebot.understanding.replies import Reply, read_reply
from voicebot.understanding.routing import Topics, appeal_of, find_topics, route, urgency_of
from voicebot.understanding.second import SERVED, two_purposes
from voicebot.understanding.trust import doubted

NO_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})

KEPT: Final = 256
"""Texts whose reading is kept."""

ANSWERABLE: Final = 0.2
"""Smallest score at which an article is named at all; knowledge decides whether it is spoken."""

CLEAR: Final = 0.6
"""Probability from which a text is whole enough to act on."""

STEERING: Final = frozenset(
    {
        Command.REPEAT,
        Command.SLOWER,
        Command.FASTER,
        Command.LOUDER,
        Command.WAIT,
        Command.BACK,
        Command.MORE,
        Command.HELP,
    }
)
MATTERS: Final = frozenset({Intent.FAQ, Intent.TICKET, Intent.UNCLEAR, Intent.OUT_OF_SCOPE})
STEERED: Final = 0.95
"""Probability given to small talk when the whole utterance is a command to us."""

BOTH: Final = 0.25
"""Probability from which a demand beside a question counts as said."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """Everything found in one utterance, before it is put together."""

    reading: Reading
    hits: Hits
    topics: Topics
    slots: Mapping[str, Slot]
    judged: Judged
    purpose: Purpose
    danger: Danger | None
    reply: Reply
    language: LanguageTag | None


class Understander:
    """Understands callers with one version of the lexicons. Immutable; safe to share."""

    def __init__(self, lexicon: Lexicon, learned: Learned) -> None:
        self._lexicon = lexicon
        self._learned = learned
        self._read = lru_cache(KEPT)(self._read_anew)

    def understand(
        self,
        text: str,
        *,
        hits: Sequence[ArticleHit] = (),
        expect: Expect = Expect(),  # noqa: B008 (frozen)
        now: datetime | None = None,
        trust: float = 1.0,
    ) -> Meaning:
        """What `text` means. Never fails, whatever the text; bounded time (about 2 ms).

        Args:
            hits: ranked articles, evidence for a question and for the department, in doubt with the text.
            expect: what the dialogue waits for.
            now: the call's time, for relative dates; without it times keep their words.
            trust: how far a recognised text is believed, see `trust_of`.
        """
        heard = self._hear(text, hits, expect, now, trust)
        return doubted(self._meaning(heard, hits), trust)

    def _read_anew(self, text: str, trust: float) -> tuple[Reading, Hits, Judged]:
        """What is found in a text whatever was asked and whenever: a turn is understood several times over
        (partial results, drafts, the committed one), so the last ones are kept."""
        reading = read(text, trust)
        return reading, self._lexicon.matcher.find(reading), self._learned.of(reading)

    def verdict(self, text: str, expect: Expect, saying: str = "") -> TextVerdict:
        """How complete a (partial) text is and how much it sounds like what we are saying."""
        reading, found, judged = self._read(text, 1.0)
        topics = find_topics(self._lexicon, found)
        learned = judged.purposes()
        purpose = find_purpose(self._lexicon, reading, found, topics, {}, (), expect, learned)
        clear = purpose.best[0] is not Intent.UNCLEAR and purpose.best[1] >= CLEAR
        danger = find_danger(reading, found, learned, purpose.evidence, 0.0, expect) is not None
        asks = _asks(purpose.evidence)
        topic = purpose.best[0] is Intent.FAQ and not asks and not danger
        told = purpose.best[0] is Intent.TICKET and not asks and not danger
        ordered = read_reply(reading, found, expect).command is not None
        meant = (clear and not topic) or danger or ordered
        return judge(reading, found, expect, saying, meant=meant, topic=topic, told=told)

    def _hear(
        self, text: str, articles: Sequence[ArticleHit], expect: Expect, now: datetime | None, trust: float
    ) -> _Heard:
        reading, hits, judged = self._read(text, trust)
        topics = find_topics(self._lexicon, hits)
        slots = dict(find_details(reading, hits, expect, now))
        place = find_place(reading, hits, self._lexicon.places, expected=expect.kind.value == "address")
        if place.address:
            slots["address"] = place.address
        if place.district:
            slots["district"] = place.district
        thing = find_object(reading, topics.things, place.address)
        if thing:
            slots["object"] = thing
        learned = judged.purposes()
        purpose = find_purpose(self._lexicon, reading, hits, topics, slots, articles, expect, learned)
        reply = read_reply(reading, hits, expect)
        knowledge = max((hit.score for hit in articles), default=0.0)
        return _Heard(
            reading,
            hits,
            topics,
            slots,
            judged,
            purpose,
            find_danger(reading, hits, learned, purpose.evidence, knowledge, expect),
            reply,
            language_asked(self._lexicon, reading, hits),
        )

    def _meaning(self, heard: _Heard, articles: Sequence[ArticleHit]) -> Meaning:
        if heard.danger is not None:
            return self._emergency(heard, heard.danger)
        intent, confidence = _steered(heard)
        both = two_purposes(heard.reading, heard.hits, self._learned, intent) if intent in SERVED else None
        intent, second = (both.first, both.second) if both else (intent, None)
        slots = dict(heard.slots)
        if intent is Intent.TICKET_STATUS:
            slots["request"] = request_slot(heard.reading, heard.hits, heard.judged.requests())
        if intent is not Intent.RATING and "expect_score" not in heard.purpose.evidence:
            slots.pop("score", None)
        appeal = self._appeal(heard, intent)
        asked = intent is Intent.FAQ or second is Intent.FAQ
        named = asked and articles and articles[0].score >= ANSWERABLE
        ranked = led_by(intent, confidence, heard.purpose.ranked)
        return Meaning(
            intent=intent,
            confidence=ranked[0][1],
            article=articles[0].article if named else None,
            appeal_type=appeal,
            urgency=urgency_of(self._lexicon, heard.hits, heard.topics, appeal),
            departments=self._departments(heard, intent, articles if asked else ()),
            slots=MappingProxyType(slots),
            secondary_intent=second,
            yes=heard.reply.yes,
            choice=heard.reply.choice,
            command=heard.reply.command,
            mood=heard.reply.mood,
            language=heard.language,
            ranked=ranked,
        )

    def _emergency(self, heard: _Heard, danger: Danger) -> Meaning:
        intent, probability = heard.purpose.best
        doubtful = intent if intent in SERVED and probability >= 0.5 and not danger.certain else None
        both = two_purposes(heard.reading, heard.hits, self._learned, intent)
        second = both.second if both else doubtful
        slots = {name: slot for name, slot in heard.slots.items() if name != "score"}
        ranked = led_by(danger.intent, danger.score, heard.purpose.ranked)
        return Meaning(
            intent=danger.intent,
            confidence=ranked[0][1],
            urgency=Urgency.CRITICAL,
            slots=MappingProxyType(slots),
            secondary_intent=second,
            emergency_is_certain=danger.certain,
            yes=heard.reply.yes,
            choice=heard.reply.choice,
            command=heard.reply.command if heard.reply.command is Command.CORRECT else None,
            mood=heard.reply.mood,
            ranked=ranked,
        )

    def _appeal(self, heard: _Heard, intent: Intent) -> AppealType | None:
        match intent:
            case Intent.FAQ:
                return AppealType.CONSULT
            case Intent.TICKET:
                return appeal_of(self._lexicon, heard.hits, heard.topics, heard.judged.appeals())
            case _:
                return None

    def _departments(
        self, heard: _Heard, intent: Intent, articles: Sequence[ArticleHit]
    ) -> tuple[DepartmentGuess, ...]:
        if intent not in (Intent.FAQ, Intent.TICKET, Intent.TICKET_STATUS, Intent.HUMAN):
            return ()
        new = intent in (Intent.FAQ, Intent.TICKET)
        learned = heard.judged.departments() if new else {}
        return route(self._lexicon, heard.hits, heard.topics, articles, learned)


def _asks(evidence: Collection[str]) -> bool:
    """Something is asked or wished for, as opposed to a topic named: 社保卡丢了… leaves more to come."""
    cues = {cue for cue in evidence if cue.startswith("ask_")} - {"ask_polite", "ask_topic"}
    return bool(cues) or "question_end" in evidence or ("wish" in evidence and "ask_polite" not in evidence)


def _steered(heard: _Heard) -> tuple[Intent, float]:
    """The purpose; what only steers the conversation (大点声, 等一下) is small talk, no matter."""
    intent, confidence = heard.purpose.best
    if heard.reply.command in STEERING and confidence < STEERED and intent in MATTERS:
        return Intent.CHITCHAT, STEERED
    ranked = dict(heard.purpose.ranked)
    if intent is Intent.FAQ and ranked[Intent.TICKET] >= BOTH and _demand_first(heard):
        return Intent.TICKET, ranked[Intent.TICKET]
    return intent, confidence


def _demand_first(heard: _Heard) -> bool:
    """A complaint with a question after it (投诉拒载，顺便问下公交卡怎么办): the complaint leads."""
    demands = [h.start for h in (*heard.hits.get("cue/appeal_plain", ()), *heard.topics.trouble)]
    questions = [h.start for name in QUESTIONS for h in heard.hits.get(f"cue/{name}", ())]
    return bool(demands and questions) and min(demands) < min(questions) and len(heard.reading) >= LONG


def load_understander(
    texts: Mapping[str, str],
    departments: Sequence[Department],
    examples: Mapping[str, str] = NO_TEXTS,
    questions: Sequence[Example] = (),
    shelf: Shelf = NOTHING_KEPT,
) -> Understander:
    """Builds an `Understander` from the texts of lexicons and gazetteer and of example files (path → text).

    Args:
        questions: what articles answer: further examples.
        shelf: what was learnt is kept there; without it learning takes seconds each time.

    Raises:
        ContentError: every mistake with file:line.
    """
    lexicon = load_lexicon(texts, departments)
    return Understander(lexicon, learned_of(examples, questions, departments, shelf))
