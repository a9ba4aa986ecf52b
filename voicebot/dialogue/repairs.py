"""When it does not go on: silence, misunderstandings, and the way to a person."""

from voicebot.core.handover import HandoverReason
from voicebot.core.meaning import Intent
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.dialogue.effects import Action
from voicebot.dialogue.events import NoInput
from voicebot.dialogue.run import Run
from voicebot.dialogue.schema import AskStep, MenuStep, RateStep
from voicebot.dialogue.walk import ask_again, break_in, go_anchor, keep_waiting, walk

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
    elif isinstance(node, AskStep) and node.on_no_input and event.count > len(own or ()):
        walk(run, node.on_no_input)
    elif event.count >= CLOSE_AT and not run.flow.holds:
        run.say(run.flows.phrases.silence_close, Action.CLOSE)
        run.end("no_input")
    elif event.count == OFFER_KEYS_AT and not run.flow.holds:
        _offer_keys(run)
    else:
        prompt = own or run.flow.defaults.no_input or run.flows.phrases.go_on
        run.say(prompt, Action.REPAIR, max(event.count, 1) - 1)
        asked = isinstance(node, AskStep) and not node.is_open and own is None
        ask_again(run, prompt=asked and event.count > 1)


def _offer_keys(run: Run) -> None:
    node = run.node
    if isinstance(node, AskStep) and node.expect is ExpectKind.YES_NO:
        run.say(run.flows.phrases.yes_no_keys, Action.REPAIR)
        run.listen(Expect(ExpectKind.YES_NO, digits=1))
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
    flow = run.flows.for_intent(Intent.HUMAN)
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
    asked = isinstance(node, AskStep) and not node.is_open
    phone = isinstance(node, AskStep) and node.expect is ExpectKind.PHONE and any(c.isdigit() for c in text)
    own = getattr(node, "no_match", None)
    default = run.flow.defaults.no_match or run.flows.phrases.failures["default"]
    run.say(run.flows.phrases.bad_phone if phone else own or default, Action.REPAIR, repairs)
    ask_again(run, prompt=asked and own is None and not phone)
