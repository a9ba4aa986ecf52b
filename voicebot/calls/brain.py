"""Everything a city knows, as one immutable value: a running call keeps the one it began with."""

from dataclasses import dataclass, field
from datetime import datetime

from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.catalogue import Catalogue
from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.core.meaning import Intent, Meaning
from voicebot.core.utterance import Expect, TextVerdict, Utterance
from voicebot.dialogue import Flows
from voicebot.dialogue.manner import Manner
from voicebot.knowledge import Knowledge
from voicebot.knowledge.neighbours import around
from voicebot.seats.rules import SeatRules
from voicebot.tickets.deadlines import Deadlines
from voicebot.tickets.directory import Directory
from voicebot.understanding import Understander, doubted_hits, trust_of

CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Brain:
    """Lexicons, knowledge and flows of one version of the content.

    Args:
        version: digest of the content it was made of.
        directory: who gets which ticket. deadlines: how long it may take.
        seats: how calls wait for a person.
    """

    catalogue: Catalogue
    understander: Understander
    knowledge: Knowledge
    flows: Flows
    version: str
    directory: Directory = field(default_factory=Directory)
    deadlines: Deadlines = field(default_factory=Deadlines)
    seats: SeatRules = field(default_factory=SeatRules)

    def comprehend(
        self, utterance: Utterance, expect: Expect, at: datetime
    ) -> tuple[Meaning, Answer | NoAnswer]:
        """What an utterance means and what is known about it, as far as its recognition is to be believed.
        Bounded CPU, about 5 ms."""
        trust = trust_of(utterance.confidence)
        hits = doubted_hits(self.knowledge.rank(utterance.text, at.date(), CANDIDATES), trust)
        meaning = self.understander.understand(utterance.text, hits=hits, expect=expect, now=at, trust=trust)
        if meaning.article is not None:
            score = next((hit.score for hit in hits if hit.article == meaning.article), 1.0)
            answer = self.knowledge.answer(meaning.article, at.date(), score)
            return meaning, around(self.knowledge, answer, hits, at.date())
        best = hits[0] if hits and Intent.FAQ in (meaning.intent, meaning.secondary_intent) else None
        return meaning, NoAnswer(best)

    def verdict(self, text: str, expect: Expect, saying: str) -> TextVerdict:
        """How complete a text is, and how much it resembles what we are saying."""
        return self.understander.verdict(text, expect, saying)

    def fillers(self, language: LanguageTag) -> tuple[str, ...]:
        """What bridges a wait in another language than Mandarin, whose words are an option of calls."""
        return () if language == MANDARIN else self.flows.phrases.busy.spoken(language, Manner.NORMAL)

    @property
    def languages(self) -> tuple[LanguageTag, ...]:
        """What we speak somewhere, Mandarin first."""
        flows = self.flows.flows.values()
        return tuple(dict.fromkeys((MANDARIN, *(tag for flow in flows for tag in flow.languages))))

    def sentences(self) -> tuple[str, ...]:
        """What is said most, in Mandarin: sentences of flows (``{name}`` stands where something of the
        call does) and first answers of articles."""
        answers = [a.answer for a in self.knowledge.articles.values()]
        return tuple(dict.fromkeys((*self.flows.templates(), *answers)))

    def background(self) -> tuple[str, ...]:
        """What articles say beyond their first answer."""
        articles = self.knowledge.articles.values()
        return tuple(text for a in articles for text in (a.title, a.more, *a.aspects.values()) if text)
