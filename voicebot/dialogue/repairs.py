"""When it does not go on: silence, misunderstandings, and the way to a person."""

from voicebot.core.handover import HandoverReason
from voicebot.core.ids import MANDARIN
from voicebot.core.meaning import Intent
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue.effects import Action
from voicebot.dialogue.events import NoInput
from voicebot.dialogue.flows import MAIN, WAITING
from voicebot.dialogue.manner import STUMBLES, Manner
from voicebot.dialogue.open_question import ask_again, expect_of, keep_waiting
from voicebot.dialogue.prompt import Prompt
from voicebot.dialogue.questions import TRIES, Question
from voicebot.dialogue.queueing import tell_place
from voicebot.dialogue.run import Run
from voicebot.dialogue.schema import AskStep, MenuStep, RateStep
from voicebot.dialogue.walk import break_in, go_anchor, take, walk
from voicebot.dialogue.ways import GIVEN_UP, SILENT

OFFER_KEYS_AT = 3
CLOSE_AT = 4
QUIET_AT = 2
"""Reminders to a caller who is waiting for a person anyway."""


def silent(run: Run, event: NoInput) -> None:
    """The caller said nothing: two reminders, then keys, then a polite end."""
    node = run.node
    if run.state.waiting:
        keep_waiting(run)
        return
    if run.state.queueing and not run.flow.holds and (run.state.flow == WAITING or event.count > QUIET_AT):
        _wait_on(run)
        return
    own = getattr(node, "no_input", None)
    if isinstance(node, RateStep):
        run.mark(*SILENT)
        walk(run, node.next)
    elif isinstance(node, Question) and node.on_no_input and event.count > _reminders(run, own):
        take(run, "on_no_input")
    elif event.count >= CLOSE_AT and not run.flow.holds:
        run.say(run.flows.phrases.silence_close, Action.CLOSE)
        run.end("no_input")
    elif event.count == OFFER_KEYS_AT and not run.flow.holds and _keys_help(run):
        _offer_keys(run, "no_input", event.count)
    else:
        stumble(run)
        _repair(run, "no_input", max(event.count, 1) - 1)
        asked = isinstance(node, AskStep) and not node.is_open and own is None
        ask_again(run, prompt=asked and event.count > 1)


def _wait_on(run: Run) -> None:
    """Who waits for a person may be silent; a question that came up meanwhile is let go."""
    if run.state.flow == WAITING and run.flow.anchors and run.state.node == run.flow.anchors.home:
        run.listen_again()
    else:
        go_anchor(run, "home")


def _reminders(run: Run, own: Prompt | None) -> int:
    """How many reminders come before silence leads elsewhere: those of the question, else of its flow; an
    emergency does not wait for the latter."""
    words = own or (None if run.flow.holds else run.flow.defaults.no_input)
    return len(words.lines) if words else 0


def _repair(run: Run, field: str, turn: int, first: Prompt | None = None) -> None:
    """Says in new words that nothing (`no_input`) or nothing fitting (`no_match`) was heard: those of
    the question, of its flow, of the main flow."""
    phrases, language = run.flows.phrases, run.state.language
    main = getattr(run.flows.flows[MAIN].defaults, field) if language == MANDARIN else None
    last = phrases.go_on if field == "no_input" else phrases.failures["default"]
    run.repair(turn, first, getattr(run.node, field, None), getattr(run.flow.defaults, field), main, last)


def stumble(run: Run) -> None:
    """One more repair: after some in a row the caller is given time, unless they chose how we speak."""
    run.evolve(stumbles=run.state.stumbles + 1)
    if run.state.stumbles >= STUMBLES and not run.flow.holds:
        be_patient(run)


def be_patient(run: Run) -> None:
    """Becomes patient because we noticed the need, and says so in one short sentence."""
    if run.state.chosen or run.state.manner is Manner.PATIENT:
        return
    run.change_manner(Manner.PATIENT)
    if run.flows.phrases.patient:
        run.say(run.flows.phrases.patient, Action.WAIT)


def _keys_help(run: Run) -> bool:
    """The question has keys, or the key menu is in the caller's language."""
    node = run.node
    closed = isinstance(node, AskStep) and (node.expect is ExpectKind.YES_NO or bool(node.choices))
    return closed or run.state.language == MANDARIN


def _offer_keys(run: Run, field: str, turn: int) -> None:
    node = run.node
    if isinstance(node, AskStep) and node.expect is ExpectKind.YES_NO:
        _repair(run, field, 0, run.flows.phrases.yes_no_keys)
        run.listen(expect_of(run))
    elif isinstance(node, MenuStep) or (isinstance(node, AskStep) and node.choices):
        _repair(run, field, turn)
        ask_again(run, prompt=True)
    else:
        run.lead(Action.REPAIR)
        go_anchor(run, "keys")


def to_person(run: Run, reason: HandoverReason) -> None:
    """Never argued about: the flow that serves it takes over."""
    node = run.node
    if run.state.queueing and not run.flow.holds:
        _on_the_way(run, reason)
        return
    if run.flow.holds and isinstance(node, AskStep) and node.yes:
        take(run, "yes")  # an emergency has the first claim on people already
        return
    foreign = run.flows.for_language(run.state.wanted)
    flow = foreign or run.flows.for_intent(Intent.HUMAN)
    assert flow is not None  # the checker wants it served
    run.evolve(reason=reason, misses=0)
    break_in(run, flow)


def _on_the_way(run: Run, reason: HandoverReason) -> None:
    """The person is waited for already: the caller is told how long it may take."""
    run.evolve(stumbles=0)
    if reason is HandoverReason.ANGRY:
        run.evolve(reason=reason)
    tell_place(run)


def miss(run: Run, text: str) -> None:
    """Not understood: other words each time; twice in a row is enough."""
    node = run.node
    misses, repairs = run.state.misses + 1, run.state.repairs
    run.evolve(misses=misses, repairs=repairs + 1)
    limit = node.tries if isinstance(node, Question) else TRIES
    if misses >= limit:
        if _give_up(run):
            return
        if not run.state.count("handover_failed"):
            to_person(run, HandoverReason.NOT_UNDERSTOOD)
            return
        if not isinstance(node, MenuStep) and _keys_help(run):
            run.evolve(misses=0)
            _offer_keys(run, "no_match", repairs)
            return
    stumble(run)
    asked = isinstance(node, AskStep) and not node.is_open
    phone = isinstance(node, AskStep) and node.expect is ExpectKind.PHONE and any(c.isdigit() for c in text)
    own = getattr(node, "no_match", None)
    _repair(run, "no_match", repairs, run.flows.phrases.bad_phone if phone else None)
    ask_again(run, prompt=asked and own is None and not phone)


def _give_up(run: Run) -> bool:
    """On without an answer, where the question may be left."""
    match run.node:
        case Question(on_no_match=str()):
            run.evolve(misses=0)
            return take(run, "on_no_match")
        case RateStep(next=following) | AskStep(optional=True, next=str(following)):
            run.mark(*GIVEN_UP)
            run.evolve(misses=0)
            walk(run, following)
            return True
        case _:
            return False
