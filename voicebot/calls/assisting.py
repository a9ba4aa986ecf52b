"""One call's use of the language model: a draft in doubt, looked at again by a model, or left as it is.

Only a draft in doubt is asked about, while the end of the caller's turn is still being made sure of; a reply
that comes too late, or holds nothing, changes nothing. Every use is a stage of the turn's record: ``model``
(how long it took) and what came of it, such as ``model:intent:ticket``, ``model:article:KB012``,
``model:slot:address``, ``model:question``, ``model:same``, ``model:unusable`` or the code of the failure
(``model:llm.timeout``).
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

import structlog

from voicebot.calls.brain import CANDIDATES, Brain
from voicebot.calls.drafting import Draft
from voicebot.calls.helper import Helper
from voicebot.calls.inbox import Assisted
from voicebot.core.answer import Answer, ArticleHit, NoAnswer
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import ArticleId
from voicebot.core.meaning import Intent, Meaning
from voicebot.core.utterance import Expect
from voicebot.dialogue import Step, step
from voicebot.dialogue.effects import Say
from voicebot.dialogue.events import Heard
from voicebot.dialogue.policy import SURE_ANSWER
from voicebot.understanding import assist, doubted_hits, trust_of
from voicebot.understanding.assist import Doubt, Masked, Prompt, Suggestion

log = structlog.get_logger(__name__)

HALF = 0.5
"""Score from which an article that the model has chosen is the answer; below, it is asked back about."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question to the model that is under way."""

    number: int
    draft: Draft
    doubt: Doubt
    said: Masked
    task: asyncio.Task[None]


class Assisting:
    """At most one question to the model is under way in a call.

    Args:
        helper: None where there is no model: nothing here does anything then.
    """

    def __init__(
        self,
        helper: Helper | None,
        brain: Brain,
        clock: Clock,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
        post: Callable[[Assisted], None],
    ) -> None:
        self._helper = helper
        self._brain = brain
        self._clock = clock
        self._spawn = spawn
        self._post = post
        self._asked: _Asked | None = None
        self._number = 0

    @property
    def busy(self) -> bool:
        """The model is thinking about the last draft."""
        return self._asked is not None

    def consider(self, draft: Draft, expect: Expect) -> Draft:
        """Asks about `draft` if it is in doubt; returns it, with a note when the model is left alone."""
        self.drop()
        if self._helper is None:
            return draft
        text, day = draft.utterance.text, self._clock.now().date()
        ranked = self._brain.knowledge.rank(text, day, CANDIDATES) if _worth_ranking(draft) else ()
        hits = doubted_hits(ranked, trust_of(draft.utterance.confidence))
        doubt = assist.find_doubt(text, draft.meaning, hits, expect)
        if doubt is None:
            return draft
        if why := self._helper.unwilling:
            return _noted(draft, f"model:{why}")
        self._number += 1
        spans = [(name, slot.span) for name, slot in draft.meaning.slots.items()]
        said = assist.open_text(text) if self._helper.private else assist.mask(text, spans)
        prompt = assist.choice_prompt(doubt, said.text)
        task = self._spawn(self._ask(self._helper, self._number, prompt))
        self._asked = _Asked(self._number, draft, doubt, said, task)
        return draft

    def drop(self) -> None:
        """What is under way is void."""
        if self._asked:
            self._asked.task.cancel()
        self._asked = None

    async def _ask(self, helper: Helper, number: int, prompt: Prompt) -> None:
        began, reply, code = self._clock.monotonic(), "", ""
        try:
            reply = await helper.ask(prompt)
        except VoicebotError as error:
            log.warning("language model failed", code=error.code, error=error.message)
            code = error.code
        self._post(Assisted(number, reply, code, self._clock.monotonic() - began))

    def arrived(self, message: Assisted) -> Draft | None:
        """The draft as it is now; None for the reply to a question that is void."""
        asked = self._asked
        if asked is None or message.number != asked.number:
            return None
        self._asked = None
        draft = _noted(asked.draft, "model", message.took)
        if message.code:
            return _noted(draft, f"model:{message.code}")
        suggestion = assist.read_suggestion(message.reply, asked.doubt, asked.said)
        if not suggestion.usable:
            return _noted(draft, "model:unusable")
        return self._improved(draft, asked.doubt, suggestion)

    def _improved(self, draft: Draft, doubt: Doubt, suggestion: Suggestion) -> Draft:
        meaning = assist.apply(draft.meaning, doubt, suggestion)
        now = self._clock.now()
        answer = self._answer(draft, meaning, doubt, suggestion.article)
        after = draft.step
        if meaning != draft.meaning or answer != draft.answer:
            after = step(self._brain.flows, draft.base, Heard(draft.utterance, meaning, answer, now))
        reworded = _reworded(after, doubt, suggestion.question)
        notes = list(_changes(draft.meaning, meaning, suggestion))
        if reworded is not after:
            notes.append("model:question")
        better = replace(draft, meaning=meaning, answer=answer, step=reworded)
        for note in notes or ["model:same"]:
            better = _noted(better, note)
        return better

    def _answer(
        self, draft: Draft, meaning: Meaning, doubt: Doubt, chosen: ArticleId | None
    ) -> Answer | NoAnswer:
        """What the articles say; a model's choice is spoken only where knowledge thought it likely itself."""
        if Intent.FAQ not in (meaning.intent, meaning.secondary_intent):
            return NoAnswer() if isinstance(draft.answer, Answer) else draft.answer
        day = self._clock.now().date()
        if chosen is not None:
            own = next(hit.score for hit in doubt.articles if hit.article == chosen)
            return self._brain.knowledge.answer(chosen, day, max(own, SURE_ANSWER) if own >= HALF else own)
        if isinstance(draft.answer, Answer) or not doubt.articles:
            return draft.answer
        best: ArticleHit = doubt.articles[0]  # a question by the model's choice, with the article of our own
        return self._brain.knowledge.answer(best.article, day, best.score)


def _worth_ranking(draft: Draft) -> bool:
    meaning = draft.meaning
    asked = Intent.FAQ in (meaning.intent, meaning.secondary_intent)
    return asked or meaning.intent is Intent.UNCLEAR or meaning.confidence < assist.UNSURE


def _changes(before: Meaning, after: Meaning, suggestion: Suggestion) -> list[str]:
    notes = []
    if after.intent is not before.intent:
        notes.append(f"model:intent:{after.intent.value}")
    if suggestion.article is not None:
        notes.append(f"model:article:{suggestion.article}")
    return notes + [f"model:slot:{name}" for name in after.slots if name not in before.slots]


def _reworded(after: Step, doubt: Doubt, question: str) -> Step:
    """The sentence that asks back which article is meant, in the model's words."""
    titles = [hit.title for hit in doubt.articles]
    for index, effect in enumerate(after.effects):
        if question and isinstance(effect, Say) and assist.agrees(question, effect.text, titles):
            said = replace(effect, text=question)
            return replace(after, effects=(*after.effects[:index], said, *after.effects[index + 1 :]))
    return after


def _noted(draft: Draft, name: str, seconds: float = 0.0) -> Draft:
    return replace(draft, stages=(*draft.stages, (name, seconds)))
