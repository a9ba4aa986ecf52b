"""What an utterance leads to at any moment, above the flow. Pure: situation → decision."""

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from voicebot.core.answer import Answer
from voicebot.core.handover import HandoverReason
from voicebot.core.ids import MANDARIN, FlowName, LanguageTag
from voicebot.core.meaning import Command, Intent, Meaning, Mood
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue import cues
from voicebot.dialogue.decisions import (
    Busy,
    Decision,
    Doubt,
    Elsewhere,
    Fits,
    GoOn,
    Inform,
    Miss,
    More,
    NextPart,
    Offer,
    SendText,
    Serve,
    Shorter,
    SmallTalk,
    Speak,
    Steer,
    ToEmergency,
    ToPerson,
)
from voicebot.dialogue.events import Heard
from voicebot.dialogue.fields import Anywhere
from voicebot.dialogue.flows import Flows
from voicebot.dialogue.notes import is_announcement
from voicebot.dialogue.questions import Waits
from voicebot.dialogue.replies import ELSEWHERE, SMALL, Reply, outright, spoken_reply
from voicebot.dialogue.schema import AskStep, RateStep, Step
from voicebot.dialogue.state import State, Waiting

KNOWN_PERSON: Final = "right"
"""The slot that a flow of calls we make fills once the person has said that it is them."""

LEAST_CONFIDENCE: Final = 0.35
"""Below it a meaning counts as not understood (an emergency never does)."""

ANSWER_ANYWAY: Final = 0.7
"""An answer this good is given even when the meaning is unclear."""

SURE_ANSWER: Final = 0.75
LEAST_ANSWER: Final = 0.25
"""Between the two the caller is asked whether this is meant; below, nothing is known. Scores are
probabilities (`knowledge`), so a direct answer is rarely a wrong one: 5 of 232 questions
without an article and 2 of 356 with one (tests/unit/knowledge/sets), and 41 of these are asked back."""


STEERING: Final = frozenset(
    {
        Command.REPEAT,
        Command.SLOWER,
        Command.FASTER,
        Command.LOUDER,
        Command.WAIT,
        Command.HELP,
        Command.BACK,
    }
)
COURTESY: Final = frozenset({Command.THANKS, Command.GOODBYE, Command.GREETING})


def decide(flows: Flows, state: State, step: Step, heard: Heard) -> Decision:
    """The order is the policy: danger, language, person, steering, the open question, a new matter."""
    if isinstance(step, Waits) and step.ignores and not state.waiting:
        heard = replace(heard, meaning=_without(heard.meaning, step.ignores))
    meaning = heard.meaning
    if danger := _danger(flows, state, step, heard):
        return danger
    if not state.waiting and (reply := outright(step, flows.flows[state.flow], state, heard)):
        return Fits(reply)
    if (language := meaning.language) and _changes(flows, state, language):
        return Speak(language)
    text = heard.utterance.text
    follow_up = _follow_up(state, heard) if _is_open(step) and not state.waiting else None
    if isinstance(follow_up, Offer) and meaning.intent is not Intent.HUMAN:
        return follow_up  # 没用: the answer is meant, and a way out is offered
    if person := _person(state, meaning):
        return person
    if state.waiting:
        return Busy()
    if meaning.command in STEERING:
        return Steer(meaning.command)
    if meaning.command is Command.MORE and state.article and state.language == MANDARIN:
        return More()
    if not text.strip():
        return Miss()
    if follow_up:
        return follow_up
    holds = flows.flows[state.flow].holds
    if holds and meaning.yes is False and meaning.intent in ELSEWHERE | {Intent.TICKET}:
        return _matter(flows, state, step, heard)  # no danger, and the real matter in one breath
    if chosen := _chosen(state, heard):
        return Inform(chosen, digression=False)
    register = flows.for_intent(Intent.TICKET)
    if register and isinstance(step, AskStep) and step.is_open and cues.REGISTER.fullmatch(text):
        return Serve(register, Intent.TICKET)
    if reply := spoken_reply(step, flows.flows[state.flow], state, heard):
        return Fits(reply)
    if holds or state.language != MANDARIN:
        return Miss()  # nothing but yes or no leads out of an emergency; other languages wait for a person
    if meaning.command in COURTESY:
        return Steer(meaning.command)
    if state.outbound and state.flow == state.base and not state.slot(KNOWN_PERSON):
        return Miss()  # we rang, and do not know yet who it is: nothing else is talked about
    return _matter(flows, state, step, heard)


def _without(meaning: Meaning, ignored: Collection[Anywhere]) -> Meaning:
    """A meaning without what a step does not listen to: such words are an answer, or nothing."""
    if meaning.command and meaning.command in {word.value for word in ignored}:
        meaning = replace(meaning, command=None)
    if Anywhere.LANGUAGE in ignored:
        meaning = replace(meaning, language=None)
    if Anywhere.HUMAN in ignored and meaning.intent is Intent.HUMAN:
        meaning = replace(meaning, intent=Intent.UNCLEAR)
    return meaning


def wants_on(meaning: Meaning) -> bool:
    """A new matter after our goodbye, as opposed to a goodbye."""
    small = (Intent.CHITCHAT, Intent.UNCLEAR, Intent.RATING, Intent.OUT_OF_SCOPE)
    return meaning.intent not in small and meaning.command not in COURTESY


def _danger(flows: Flows, state: State, step: Step, heard: Heard) -> Decision | None:
    meaning = heard.meaning
    number = meaning.intent.emergency_number
    certain = meaning.emergency_is_certain
    if number is None and meaning.secondary_intent is not None:
        number = meaning.secondary_intent.emergency_number
    if number is None:
        return None
    if flows.flows[state.flow].holds:
        if state.waiting is Waiting.PERSON:
            return Busy() if state.slot("emergency") == number else _emergency(number, heard, True)
        if isinstance(step, AskStep) and step.expect is ExpectKind.YES_NO and meaning.yes is not False:
            return Fits(Reply(("yes",)))
    if not certain and state.slot("danger_denied"):
        return None  # asked once already; the answer was no
    return _emergency(number, heard, certain)


def _emergency(number: str, heard: Heard, certain: bool) -> ToEmergency:
    return ToEmergency(number, cues.danger(number, heard.utterance.text), certain)


def _changes(flows: Flows, state: State, language: LanguageTag) -> bool:
    """We do not speak it yet, and somebody can."""
    if language == MANDARIN:
        return state.wanted != MANDARIN
    coming = state.wanted == language and (state.waiting or flows.flows[state.flow].holds)
    return flows.for_language(language) is not None and not coming


def _person(state: State, meaning: Meaning) -> Decision | None:
    if meaning.intent is Intent.HUMAN and meaning.confidence >= LEAST_CONFIDENCE:
        return Busy() if state.waiting is Waiting.PERSON else ToPerson(HandoverReason.ASKED)
    calm = meaning.mood is not Mood.ANGRY or state.count("handover_failed") or state.waiting
    return None if calm else ToPerson(HandoverReason.ANGRY)


def _follow_up(state: State, heard: Heard) -> Decision | None:
    """Words about the answer just given, whatever article they would find by themselves."""
    text = heard.utterance.text
    if cues.wants_shorter(text):
        return Shorter()
    if state.article is None:
        return None
    if state.bundle and cues.wants_next_part(text):
        return NextPart()
    if cues.wants_text(text):
        return SendText()
    short = len(text) <= cues.SHORT
    if short and cues.UNSOLVED.search(text):
        return Offer()
    if aspect := _aspect(state, heard):
        return More(aspect)
    return More() if short and state.more and cues.MORE.search(text) else None


def _aspect(state: State, heard: Heard) -> str:
    """Which part of the answer in focus a question is about; "" when it may be about something else."""
    text, intent = heard.utterance.text, heard.meaning.intent
    if bare := cues.bare_aspect(text):
        return bare
    aspect = cues.aspect_of(text)
    found = heard.answer if isinstance(heard.answer, Answer) else None
    if state.focus and cues.about(text, state.focus.title):
        return aspect if aspect in dict(state.aspects) else ""
    if found and found.article == state.article and len(text) > cues.SHORT:
        return ""
    other = (found is not None and found.score >= ANSWER_ANYWAY) or intent in (
        Intent.TICKET,
        Intent.TICKET_STATUS,
    )
    return aspect if len(text) <= cues.SHORT and not other else ""


def _chosen(state: State, heard: Heard) -> Answer | None:
    """Which of two articles that were asked back about, told by its own words (补办那个)."""
    doubt, meaning = state.doubt, heard.meaning
    if doubt is None or doubt.rival is None or meaning.choice is not None or meaning.yes is not None:
        return None
    both = (doubt, doubt.rival)
    if isinstance(heard.answer, Answer) and heard.answer.score >= SURE_ANSWER:
        return next((one for one in both if one.article == heard.answer.article), None)
    if len(heard.utterance.text) > cues.SHORT:
        return None
    index = cues.which(heard.utterance.text, doubt.title, doubt.rival.title)
    return None if index is None else both[index]


def _matter(flows: Flows, state: State, step: Step, heard: Heard) -> Decision:
    """What the utterance is about, when it answers nothing."""
    meaning, answer = heard.meaning, heard.answer
    found = answer if isinstance(answer, Answer) else None
    intent = meaning.intent if meaning.confidence >= LEAST_CONFIDENCE else Intent.UNCLEAR
    if intent.emergency_number:  # asked back already and denied: it is an ordinary matter
        intent = Intent.FAQ if found else Intent.TICKET
    if meaning.command in (Command.SKIP, Command.CORRECT):
        return Miss()  # there is nothing to skip or to put right
    if meaning.yes is not None and intent in SMALL:
        return GoOn() if isinstance(step, AskStep) and step.is_open else Miss()
    if meaning.intent is Intent.CHITCHAT and cues.THANKS.search(heard.utterance.text):
        return Steer(Command.THANKS)
    announced = found is None and isinstance(step, AskStep) and step.is_open
    if announced and intent in (Intent.FAQ, Intent.UNCLEAR) and is_announcement(heard.utterance.text):
        return GoOn()
    if _is_open(step) and (service := _service(flows, intent, found, heard.utterance.text)):
        return Serve(service, Intent.TICKET)
    match intent:
        case Intent.FAQ:
            return _question(flows, state, step, found)
        case Intent.OUT_OF_SCOPE:
            return Elsewhere()
        case Intent.RATING if not _is_open(step) or isinstance(step, RateStep):
            return Miss()  # praise in the middle of something, or a score asked for already
        case Intent.CHITCHAT:
            return Miss() if isinstance(step, RateStep) else SmallTalk()
        case Intent.UNCLEAR:
            good = found is not None and found.score >= ANSWER_ANYWAY
            return Inform(found, digression=not _is_open(step)) if good else Miss()
        case Intent.TICKET if flows.for_intent(intent) == state.flow and not _is_open(step):
            return Miss()  # inside the ticket already: it should have answered the question
        case _:
            flow = flows.for_intent(intent)
            return Serve(flow, intent) if flow else Miss()


def _service(flows: Flows, intent: Intent, found: Answer | None, text: str) -> FlowName | None:
    """A flow that asks for the caller by its words, unless what was said is known to be something else."""
    other = intent in (Intent.TICKET_STATUS, Intent.RATING)
    answered = intent is Intent.FAQ and found is not None and found.score >= SURE_ANSWER
    return None if other or answered else flows.for_words(text)


def _question(flows: Flows, state: State, step: Step, found: Answer | None) -> Decision:
    if found is None or found.score < LEAST_ANSWER:
        return Inform(None, digression=not _is_open(step))
    anchors = flows.anchored(state.base)[1]
    doubtful = (found.score < SURE_ANSWER and anchors.doubt) or (found.rival and anchors.choose)
    if not doubtful or (state.doubt and state.doubt.article == found.article):
        return Inform(found, digression=not _is_open(step))  # asked for twice: it is meant
    return Doubt(found) if _is_open(step) else Inform(None, digression=True)


def _is_open(step: Step) -> bool:
    """Nothing is under way that a new matter would interrupt."""
    return isinstance(step, RateStep) or (isinstance(step, AskStep) and (step.is_open or bool(step.choices)))
