"""One step under way: a working copy of the state and the effects collected so far."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from voicebot.core.answer import Answer, ArticleHit, Gap
from voicebot.core.ids import MANDARIN, ArticleId, LanguageTag, TicketNo
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.dialogue.draft import frozen, thawed
from voicebot.dialogue.effects import (
    Action,
    ChangeTicket,
    Effect,
    EndCall,
    FileTicket,
    FindTickets,
    HandOver,
    LeaveQueue,
    Listen,
    NoteUnanswered,
    Notify,
    Say,
    SetPace,
)
from voicebot.dialogue.facts import Situation
from voicebot.dialogue.flows import Flow, Flows
from voicebot.dialogue.manner import PATIENT_RATE, Manner, adapted
from voicebot.dialogue.prompt import Prompt
from voicebot.dialogue.reading import portions
from voicebot.dialogue.schema import Step, target
from voicebot.dialogue.state import Filled, Label, State, Waiting
from voicebot.dialogue.values import read, render
from voicebot.dialogue.ways import Way

LEADING: Final = frozenset(
    {
        Action.GREET,
        Action.ANSWER,
        Action.TICKET_CREATED,
        Action.TICKET_UPDATED,
        Action.TICKET_STATUS,
        Action.CALLBACK,
        Action.DECLINE,
        Action.REPAIR,
    }
)
"""Acts that name the whole turn: the question that follows them is part of it."""

FOLLOWING: Final = frozenset({Action.ASK, Action.CONFIRM})
TICKET_ACTS: Final = frozenset(
    {Action.TICKET_CREATED, Action.TICKET_UPDATED, Action.TICKET_STATUS, Action.CALLBACK}
)
ENDINGS: Final = (Listen, HandOver, LeaveQueue, EndCall, FileTicket, FindTickets, ChangeTicket)
PATIENT: Final = Expect(ExpectKind.NOTHING, no_input=30.0)


class Run:
    """Mutable, lives for one `step` only; nothing outside sees it."""

    def __init__(self, flows: Flows, state: State, at: datetime) -> None:
        self.flows = flows
        self.state = thawed(state)
        self.at = at
        self.effects: list[Effect] = []
        self.trail: list[Way] = []
        self.answer: Answer | None = None
        self._spoken: list[str] = []
        self._lead: Say | None = None

    # ── the state ───────────────────────────────────────────────────────────────────────────

    def evolve(self, **changes: Any) -> None:
        state = self.state
        for name, value in changes.items():
            setattr(state, name, value)

    def bump(self, name: str) -> int:
        """Counts one more; how often it has been counted before."""
        before = self.state.count(name)
        rest = tuple(c for c in self.state.counters if c[0] != name)
        self.evolve(counters=(*rest, (name, before + 1)))
        return before

    def fill(self, *filled: Filled) -> None:
        """Sets slots; a slot keeps its place when its value changes."""
        slots = list(self.state.slots)
        for new in filled:
            place = next((i for i, old in enumerate(slots) if old.name == new.name), None)
            if place is None:
                slots.append(new)
            else:
                slots[place] = new
        self.evolve(slots=tuple(s for s in slots if s.value))

    def forget(self, *names: str) -> None:
        self.evolve(slots=tuple(s for s in self.state.slots if s.name not in names))

    @property
    def flow(self) -> Flow:
        return self.flows.flows[self.state.flow]

    @property
    def node(self) -> Step:
        state = self.state
        return self.flows.flows[state.flow].nodes[state.node]

    @property
    def visits(self) -> str:
        """Name of the counter of how often the current step was entered or asked again."""
        return f"{self.state.flow}.{self.state.node}"

    # ── the way ─────────────────────────────────────────────────────────────────────────────

    def leave(self, *field: str | int) -> str | None:
        """Takes a way out of the current step (`schema.targets` names them): the step it leads to, None
        when there is no such way."""
        following = target(self.node, field)
        if following is not None:
            self.mark(*field)
        return following

    def mark(self, *field: str | int) -> None:
        """Notes a way that was taken and is not written as a field (see `ways`)."""
        self.trail.append(Way(self.state.flow, self.state.node, field))

    # ── words ───────────────────────────────────────────────────────────────────────────────

    def value(self, name: str) -> str:
        """What a variable or a branch reads."""
        return read(name, self._situation, self.flow)

    def render(self, text: str, language: LanguageTag = MANDARIN) -> str:
        """`text` with its variables filled in; in other languages numbers are read digit by digit."""
        return render(text, self._situation, self.flow, language) if "{" in text else text

    @property
    def _situation(self) -> Situation:
        return Situation(self.state, self.flows.city, self.at, self.flows.sms)

    def say(
        self,
        prompt: Prompt | str,
        action: Action,
        turn: int = 0,
        *,
        article: ArticleId | None = None,
        interruptible: bool = True,
    ) -> None:
        """Speaks variant `turn` of a prompt (the first is said once, the others take turns); a text
        that is no prompt is Mandarin."""
        if isinstance(prompt, str):
            self.utter(prompt, action, article=article, interruptible=interruptible)
            return
        language = self.state.language
        text = self.render(variant(prompt.spoken(language, self.state.manner), turn), language)
        self.utter(text, action, article=article, interruptible=interruptible, language=language)

    def repair(self, turn: int, *prompts: Prompt | None) -> None:
        """Speaks the first sentence of the prompts, from variant `turn` on, that was not among our
        last words. `turn` counts through the first prompt there is; the others are the last resort."""
        state = self.state
        asked = [prompt.spoken(state.language, state.manner) for prompt in prompts if prompt]
        texts = [text for lines in asked for text in (variant(lines, turn), *lines[1:], lines[0])]
        rendered = [self.render(text, state.language) for text in texts]
        fresh = next((text for text in rendered if text not in state.said), rendered[0])
        self.utter(fresh, Action.REPAIR, language=state.language)

    def utter(
        self,
        text: str,
        action: Action,
        *,
        article: ArticleId | None = None,
        interruptible: bool = True,
        language: LanguageTag = MANDARIN,
    ) -> None:
        """Speaks a sentence that is ready."""
        ticket_no = self._about(action, text)
        if self._lead and action in FOLLOWING:
            action, article, ticket_no = self._lead.action, self._lead.article, self._lead.ticket_no
        effect = Say(text, action, article, ticket_no, interruptible, language)
        if action in LEADING:
            self._lead = effect
        self.effects.append(effect)
        self._spoken.append(text)
        self.evolve(action=action)

    def _about(self, action: Action, text: str) -> TicketNo | None:
        """The ticket a sentence concerns; that a call back will be noted concerns none yet."""
        number = self.state.ticket_no
        told = action in TICKET_ACTS and (action is not Action.CALLBACK or (number and number in text))
        return number if told else None

    def inform(self, answer: Answer, *, whole: bool = True) -> None:
        """Speaks what knowledge found and keeps it in focus for 更多."""
        self.read_out(answer.text, answer.article, whole=whole)
        usual = self.state.manner is Manner.NORMAL and not self.state.terse
        if answer.more and usual and not answer.parts and not self.bump("more_hint"):
            self.say(self.flows.phrases.more_hint, Action.ASK)
        known = tuple(a for a in self.state.articles if a != answer.article)
        bundle, part = bundled(self.state, answer)
        self.evolve(
            doubt=None,
            focus=replace(answer, rival=None),
            bundle=bundle,
            part=part,
            article=answer.article,
            more=answer.more,
            aspects=answer.aspects,
            articles=(*known, answer.article),
        )

    def announce(self, part: Answer) -> None:
        """Says which matter of the life event comes now."""
        self.evolve(focus=part, part=self.state.part + 1)
        if self.flows.phrases.part:
            self.say(self.flows.phrases.part, Action.ANSWER, article=part.article)

    def read_out(self, text: str, article: ArticleId | None, *, whole: bool) -> None:
        """Speaks a text of knowledge; only its first sentences where the caller wants it short and, unless
        `whole`, in a patient manner."""
        at_once = not self.state.terse and (whole or self.state.manner is Manner.NORMAL)
        first, *rest = (text,) if at_once else portions(text)
        self.say(first, Action.ANSWER, article=article)
        self.evolve(rest=tuple(rest))

    def note_gap(self, gap: Gap, question: str, near: ArticleHit | Answer | None) -> None:
        """Puts a question on the owner's list, once in a call."""
        if question and not self.bump(f"{gap}:{question}"):
            article, score = (near.article, near.score) if near else (None, 0.0)
            self.effects.append(NoteUnanswered(question, gap, article, score))

    def change_manner(self, manner: Manner, rate: float = PATIENT_RATE) -> None:
        """Speaks so from now on."""
        self.evolve(manner=manner, strains=(), stumbles=0, slow_turns=0)
        self.effects.append(SetPace(rate if manner is Manner.PATIENT else 1.0))

    def want(self, language: LanguageTag) -> None:
        """The caller wants `language`: of a person, and of us where the flow has it."""
        name = self.flows.name_of(language)
        self.evolve(wanted=language)
        self.fill(Filled("language", name if language != MANDARIN else ""))
        self.keep_language()

    def keep_language(self) -> None:
        """Speaks what the caller wants where the flow can, else Mandarin."""
        wanted = self.state.wanted
        language = wanted if wanted in self.flow.languages else MANDARIN
        if language != self.state.language:
            self.evolve(language=language, said=())  # our last words were in the other one

    def forget_spoken(self) -> None:
        """What was said so far in this step is not repeated by 再说一遍."""
        self._spoken.clear()

    def lead(self, action: Action) -> None:
        """The question that comes next is this act."""
        self._lead = Say("", action)

    # ── ways to stop ────────────────────────────────────────────────────────────────────────

    def listen(self, expect: Expect) -> None:
        self.evolve(expect=expect)
        self.effects.append(Listen(replace(adapted(expect, self.state.manner), language=self.state.language)))

    def listen_again(self) -> None:
        """Waits for the same as before."""
        self.listen(self.state.expect or Expect())

    def end(self, reason: str) -> None:
        self.effects.append(EndCall(reason))
        self.evolve(label=Label.ENDED, waiting=Waiting.NOTHING)

    def finish(self) -> tuple[State, tuple[Effect, ...]]:
        """The result; whatever happened, the caller is not left in dead air."""
        last = self.effects[-1] if self.effects else None
        if not (isinstance(last, ENDINGS) or (isinstance(last, Notify) and last.waits)):
            self.listen(PATIENT if self.state.waiting else self.state.expect or Expect())
        if self._spoken:
            self.evolve(said=tuple(self._spoken))
        return frozen(self.state), tuple(self.effects)


def bundled(state: State, answer: Answer) -> tuple[Answer | None, int]:
    """The life event that goes on after an answer, and how many of its parts were told."""
    if answer.parts:
        return replace(answer, rival=None), 0
    if state.bundle:
        places = [i for i, part in enumerate(state.bundle.parts, 1) if part.article == answer.article]
        return (state.bundle, places[0]) if places else (None, 0)
    return None, 0


def variant(lines: tuple[str, ...], turn: int) -> str:
    """Changes its words each time: the first once, then the others in a circle."""
    if turn < len(lines):
        return lines[turn]
    rest = lines[1:] or lines
    return rest[(turn - 1) % len(rest)]
