"""When it does not go on: silence, misunderstandings, and the way to a person."""

from voicebot.core.handover import HandoverReason
from voicebot.core.ids import MANDARIN
from voicebot.core.meaning import Intent
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue.effects import Action
from voicebot.dialogue.events import NoInput
from voicebot.dialogue.flows import MAIN
from voicebot.dialogue.manner import STUMBLES, Manner
from voicebot.dialogue.prompt import Prompt
from voicebot.dialogue.run import Run
from voicebot.dialogue.schema import AskStep, MenuStep, RateStep
from voicebot.dialogue.walk import ask_again, break_in, expect_of, go_anchor, keep_waiting, walk

OFFER_KEYS_AT = 3
CLOSE_AT = 4


def silent(run: Run, event: NoInput) -> None:
    """The caller said nothing: two reminders, then keys, then a polite end."""
    node = run.node
    if run.state.waiting:
        keep_waiting(run)
        return
    own = getattr(node, "no_input", None)
    if isinstance(node, RateStep):
        walk(run, node.next)
    elif isinstance(node, AskStep) and node.on_no_input and event.count > _reminders(own):
        walk(run, node.on_no_input)
    elif event.count >= CLOSE_AT and not run.flow.holds:
        run.say(run.flows.phrases.silence_close, Action.CLOSE)
        run.end("no_input")
    elif event.count == OFFER_KEYS_AT and not run.flow.holds:
        _offer_keys(run)
    else:
        stumble(run)
        usual = run.flow.defaults.no_input
        run.repair(max(event.count, 1) - 1, own, usual, _of_main(run, "no_input"), run.flows.phrases.go_on)
        asked = isinstance(node, AskStep) and not node.is_open and own is None
        ask_again(run, prompt=asked and event.count > 1)


def _reminders(own: Prompt | None) -> int:
    """How many reminders of its own a question has."""
    return len(own.lines) if own else 0


def _of_main(run: Run, field: str) -> Prompt | None:
    """What the main flow says then; the last resort of a flow that has a single sentence."""
    found = getattr(run.flows.flows[MAIN].defaults, field)
    return found if isinstance(found, Prompt) and run.state.language == MANDARIN else None


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


def _offer_keys(run: Run) -> None:
    node = run.node
    if isinstance(node, AskStep) and node.expect is ExpectKind.YES_NO:
        run.say(run.flows.phrases.yes_no_keys, Action.REPAIR)
        run.listen(expect_of(run))
    elif isinstance(node, MenuStep) or (isinstance(node, AskStep) and node.choices):
        ask_again(run, prompt=True)
    else:
        run.lead(Action.REPAIR)
        go_anchor(run, "keys")


def to_person(run: Run, reason: HandoverReason) -> None:
    """Never argued about: the flow that serves it takes over."""
    node = run.node
    if run.flow.holds and isinstance(node, AskStep) and node.yes:
        walk(run, node.yes)  # an emergency has the first claim on people already
        return
    foreign = run.flows.for_language(run.state.wanted)
    flow = foreign or run.flows.for_intent(Intent.HUMAN)
    assert flow is not None  # the checker wants it served
    run.evolve(reason=reason, misses=0)
    break_in(run, flow)


def miss(run: Run, text: str) -> None:
    """Not understood: other words each time; twice in a row is enough."""
    node = run.node
    misses, repairs = run.state.misses + 1, run.state.repairs
    run.evolve(misses=misses, repairs=repairs + 1)
    limit = node.max_tries if isinstance(node, AskStep) else 2
    if misses >= limit:
        if isinstance(node, AskStep) and (away := node.on_no_match or (node.next if node.optional else None)):
            run.evolve(misses=0)
            walk(run, away)
            return
        if isinstance(node, RateStep):
            walk(run, node.next)
            return
        if not run.state.count("handover_failed"):
            to_person(run, HandoverReason.NOT_UNDERSTOOD)
            return
        if not isinstance(node, MenuStep):
            run.evolve(misses=0)
            _offer_keys(run)
            return
    stumble(run)
    asked = isinstance(node, AskStep) and not node.is_open
    phone = isinstance(node, AskStep) and node.expect is ExpectKind.PHONE and any(c.isdigit() for c in text)
    own = getattr(node, "no_match", None)
    phrases = run.flows.phrases
    default = (run.flow.defaults.no_match, _of_main(run, "no_match"), phrases.failures["default"])
    run.repair(repairs, phrases.bad_phone if phone else own, *default)
    ask_again(run, prompt=asked and own is None and not phone)
