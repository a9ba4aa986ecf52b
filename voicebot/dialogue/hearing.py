"""What the caller does: speaks, presses keys, is silent. Decisions of `policy` become effects."""

from typing import assert_never

from voicebot.core.answer import Answer
from voicebot.core.handover import HandoverReason
from voicebot.core.meaning import AppealType, Command, Intent, Meaning
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.dialogue.cues import SUPPLEMENT, VAGUE_PLACE
from voicebot.dialogue.effects import Action, Rate
from voicebot.dialogue.events import Heard, Keyed, NoInput
from voicebot.dialogue.notes import has_substance
from voicebot.dialogue.policy import (
    Busy,
    Elsewhere,
    Fits,
    GoOn,
    Inform,
    Miss,
    More,
    Offer,
    Serve,
    SmallTalk,
    Steer,
    ToEmergency,
    ToPerson,
    decide,
)
from voicebot.dialogue.replies import Reply, filled, keyed_reply
from voicebot.dialogue.run import Run
from voicebot.dialogue.schema import AskStep, MenuStep, RateStep
from voicebot.dialogue.state import Filled
from voicebot.dialogue.steering import more, steer
from voicebot.dialogue.walk import ask_again, break_in, go_anchor, keep_waiting, serve, walk

HUMAN_KEY = "0"
REPEAT_KEY = "*"
OFFER_KEYS_AT = 3
CLOSE_AT = 4

MERGED = ("address", "time", "object", "district", "phone", "name", "confidential", "anonymous")
"""Slots that are kept whenever a caller mentions them while a matter is taken down."""

LONG_REQUEST = 10
"""A request for a person longer than this tells something else too."""

KEPT = frozenset({"phone", "name", "anonymous", "ticket_no", "due", "ticket_department"})
"""Slots that outlive the ticket they were given for."""

REQUESTS = (
    ("withdraw", ("withdraw", "撤")),
    ("urge", ("urge", "催")),
    ("supplement", ("supplement", "补充", "追加", "补")),
    ("objection", ("objection", "异议", "不满意", "不认可", "重办", "申诉")),
)


def heard(run: Run, event: Heard) -> None:
    """The caller said something."""
    if run.state.count("failures"):
        run.evolve(counters=tuple(c for c in run.state.counters if c[0] != "failures"))
    decision = decide(run.flows, run.state, run.node, event)
    if not isinstance(decision, Miss):
        run.evolve(misses=0)
    if run.flow.holds and isinstance(decision, Serve | Inform | Elsewhere):
        run.forget("emergency", "danger", "certain", "danger_words")
        run.fill(Filled("danger_denied", "yes"))
    text, meaning = event.utterance.text.strip(), event.meaning
    match decision:
        case ToEmergency(number=number, danger=danger, certain=certain):
            sure = "yes" if certain else "no"
            run.fill(Filled("emergency", number), Filled("danger", danger), Filled("certain", sure))
            run.fill(Filled("danger_words", text, text))
            _merge(run, meaning, text)
            run.evolve(intent=meaning.intent, urgency=meaning.urgency)
            flow = run.flows.for_intent(Intent(f"emergency_{number}"))
            assert flow is not None  # the checker wants all four served
            break_in(run, flow)
        case ToPerson(reason=reason):
            _remember(run, meaning, text)
            to_person(run, reason)
        case Steer(command=command):
            steer(run, command)
        case Fits(reply=reply):
            _take(run, reply, event)
        case Inform(answer=answer, digression=digression):
            _inform(run, event, answer, digression)
        case More(aspect=aspect):
            more(run, aspect)
        case Offer():
            go_anchor(run, "unsolved")
        case Serve(flow=flow, intent=intent):
            _serve_prepare(run, event, intent)
            serve(run, flow)
        case Elsewhere():
            run.say(run.flows.decline(text), Action.DECLINE)
            _continue(run)
        case GoOn():
            run.say(run.flows.phrases.go_on, Action.ASK, run.bump("go_on"))
            run.listen_again()
        case SmallTalk():
            _introduce(run)
        case Busy():
            run.say(run.flows.phrases.busy, Action.WAIT, run.bump("busy"))
            keep_waiting(run)
        case Miss():
            if run.state.flow == run.flows.for_intent(Intent.TICKET):
                _merge(run, meaning, text)
            miss(run, text)
        case _:
            assert_never(decision)


def keyed(run: Run, event: Keyed) -> None:
    """The caller pressed keys."""
    if run.state.waiting:
        keep_waiting(run)
        return
    if event.keys == HUMAN_KEY:
        to_person(run, HandoverReason.ASKED)
        return
    reply = keyed_reply(run.node, event.keys)
    if reply is None and isinstance(run.node, AskStep) and run.node.expect is ExpectKind.OPEN:
        name, anchors = run.flows.anchored(run.state.base)
        menu = run.flows.flows[name].nodes[anchors.keys]
        reply = keyed_reply(menu, event.keys)
        if reply is not None:
            run.evolve(flow=name, stack=())
    if reply is not None:
        run.evolve(misses=0)
        _apply(run, reply)
    elif event.keys == REPEAT_KEY:
        steer(run, Command.REPEAT)
    else:
        miss(run, event.keys)


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


def _continue(run: Run) -> None:
    """After something said by the way: the open question, or back to the one under way."""
    node = run.node
    if isinstance(node, RateStep) or (isinstance(node, AskStep) and (node.is_open or node.choices)):
        go_anchor(run, "home")
    else:
        run.say(run.flows.phrases.resume, Action.ASK, run.bump("resume"))
        ask_again(run, prompt=True, afresh=True)


def _introduce(run: Run) -> None:
    """Who we are and what we do; in the middle of something only who, and on."""
    if isinstance(run.node, AskStep) and run.node.is_open:
        run.say(run.flows.phrases.about_me, Action.ASK, run.bump("about_me"))
        run.listen_again()
    else:
        run.say(run.flows.phrases.who, Action.ASK)
        ask_again(run, prompt=True, afresh=True)


def _inform(run: Run, event: Heard, answer: Answer | None, digression: bool) -> None:
    run.answer = answer
    text = event.utterance.text.strip()
    if not digression:
        run.forget("question")
        run.fill(Filled("question", text, text))
        run.evolve(
            intent=event.meaning.intent,
            appeal_type=AppealType.CONSULT,
            department=event.meaning.department or (answer.department if answer else None),
        )
        go_anchor(run, "answer")
    elif answer is not None:
        run.inform(answer)
        _continue(run)
    else:
        run.say(run.flows.phrases.unanswered, Action.ANSWER)
        ask_again(run, prompt=True, afresh=True)


def _serve_prepare(run: Run, event: Heard, intent: Intent) -> None:
    """Takes over what the first sentence holds, so that it is never asked again."""
    meaning, text = event.meaning, event.utterance.text.strip()
    run.evolve(intent=intent)
    if intent is Intent.TICKET:
        if run.state.filed:
            run.forget(*(s.name for s in run.state.slots if s.name not in KEPT))
            run.evolve(filed=False)
        if has_substance(text):
            run.fill(Filled("what", text, text, meaning.confidence))
        run.evolve(appeal_type=meaning.appeal_type, urgency=meaning.urgency, department=meaning.department)
        _merge(run, meaning, text, overwrite=True)
    elif intent is Intent.TICKET_STATUS:
        run.forget("detail", "request", *(() if run.state.filed else ("ticket_no",)))
        said = meaning.slots["request"].value if "request" in meaning.slots else ""
        request = next((name for name, words in REQUESTS if any(w in said for w in words)), "status")
        run.fill(Filled("request", request))
        told = SUPPLEMENT.search(text) if request == "supplement" else None
        if told and "工单" not in told[1]:
            run.fill(Filled("detail", told[1], told[1]))
        if "ticket_no" in meaning.slots:
            run.fill(filled("ticket_no", meaning.slots["ticket_no"]))
    elif "score" in meaning.slots:
        run.fill(filled("score", meaning.slots["score"]))


def _remember(run: Run, meaning: Meaning, text: str) -> None:
    """Who asks for a person while telling a story has told it; the person shall know it."""
    if meaning.intent is not Intent.HUMAN or len(text) > LONG_REQUEST:
        _merge(run, meaning, text)
        if has_substance(text) and not run.state.slot("what"):
            run.fill(Filled("question", text, text))
            run.evolve(intent=meaning.intent)


def _merge(run: Run, meaning: Meaning, text: str, overwrite: bool = False) -> None:
    """Keeps the details of an utterance; places that only the caller can find are no help."""
    found = [filled(name, meaning.slots[name], text) for name in MERGED if name in meaning.slots]
    found = [f for f in found if f.name != "address" or not VAGUE_PLACE.fullmatch(f.value)]
    run.fill(*(f for f in found if overwrite or not run.state.slot(f.name)))


def _take(run: Run, reply: Reply, event: Heard) -> None:
    """An answer: its slot, and whatever else the caller said in the same breath."""
    meaning = event.meaning
    if meaning.intent not in (Intent.FAQ, Intent.OUT_OF_SCOPE):
        _merge(run, meaning, event.utterance.text)
    if any(f.name == "what" for f in reply.fills):
        run.evolve(
            appeal_type=run.state.appeal_type or meaning.appeal_type,
            urgency=max(run.state.urgency, meaning.urgency, key=["一般", "紧急", "特急"].index),
            department=meaning.department or run.state.department,
        )
    _apply(run, reply)


def _apply(run: Run, reply: Reply) -> None:
    run.fill(*reply.fills)
    if reply.score is not None:
        run.effects.append(Rate(reply.score))
    if reply.target is None:
        ask_again(run, prompt=True)
    else:
        walk(run, reply.target)
