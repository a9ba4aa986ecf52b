"""What the caller says and presses: decisions of `policy` become effects."""

from typing import assert_never

from voicebot.core.answer import Answer, Gap
from voicebot.core.handover import HandoverReason
from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.core.meaning import AppealType, Command, Intent
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue.cues import ELDERLY
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
from voicebot.dialogue.effects import Action, Rate
from voicebot.dialogue.events import Heard, Keyed
from voicebot.dialogue.fields import Anywhere
from voicebot.dialogue.gaps import (
    confirms,
    nameless,
    note_denial,
    note_left,
    note_missing_part,
    note_no_answer,
)
from voicebot.dialogue.intake import merge, remember, take_over
from voicebot.dialogue.manner import SLOW_TURNS, STRAINS, slow_turns, strains
from voicebot.dialogue.open_question import ask_again, keep_waiting
from voicebot.dialogue.policy import SURE_ANSWER, decide
from voicebot.dialogue.questions import Waits
from voicebot.dialogue.repairs import be_patient, miss, to_person
from voicebot.dialogue.replies import Reply, keyed_reply
from voicebot.dialogue.run import Run
from voicebot.dialogue.schema import AskStep, RateStep
from voicebot.dialogue.state import Filled, Waiting
from voicebot.dialogue.steering import more, shorter, steer
from voicebot.dialogue.walk import break_in, go_anchor, jump, serve, take

HUMAN_KEY = "0"
REPEAT_KEY = "*"
SECOND = ("choices", 1, "next")
"""The way out of the step `choose` that means the second article."""
INTERRUPTIBLE = (Waiting.NOTHING, Waiting.PERSON)
"""What a change of language may end; a ticket that is being stored is waited for."""


def heard(run: Run, event: Heard) -> None:
    """The caller said something."""
    if run.state.count("failures"):
        run.evolve(counters=tuple(c for c in run.state.counters if c[0] != "failures"))
    decision = decide(run.flows, run.state, run.node, event)
    if not isinstance(decision, Miss):
        run.evolve(misses=0, stumbles=0)
    _notice(run, event, decision)
    if run.flow.holds and isinstance(decision, Serve | Inform | Elsewhere):
        run.forget("emergency", "danger", "certain", "danger_words")
        run.fill(Filled("danger_denied", "yes"))
    text, meaning = event.utterance.text.strip(), event.meaning
    match decision:
        case ToEmergency(number=number, danger=danger, certain=certain):
            sure = "yes" if certain else "no"
            run.fill(Filled("emergency", number), Filled("danger", danger), Filled("certain", sure))
            run.fill(Filled("danger_words", text, text))
            merge(run, meaning, text, doubtful=True)
            run.evolve(intent=meaning.intent, urgency=meaning.urgency)
            flow = run.flows.for_intent(Intent(f"emergency_{number}"))
            assert flow is not None  # the checker wants all four served
            break_in(run, flow)
        case ToPerson(reason=reason):
            remember(run, meaning, text)
            to_person(run, reason)
        case Speak(language=language):
            _speak(run, language)
        case Steer(command=command):
            steer(run, command)
        case Fits(reply=reply):
            _take(run, reply, event)
        case Inform(answer=answer, digression=digression):
            _inform(run, event, answer, digression)
        case Doubt(answer=answer):
            note_left(run, answer)
            _remember_question(run, event, answer)
            run.evolve(doubt=answer, unsure=True)
            two = answer.rival and run.flows.anchored(run.state.base)[1].choose
            go_anchor(run, "choose" if two else "doubt")
        case More(aspect=aspect):
            note_missing_part(run, event, aspect)
            more(run, aspect)
        case Shorter():
            shorter(run)
        case NextPart():
            _next_part(run)
        case SendText():
            _send_text(run)
        case Offer():
            run.note_gap(Gap.UNHELPFUL, run.state.asked, run.state.focus)
            go_anchor(run, "unsolved")
        case Serve(flow=flow, intent=intent):
            take_over(run, event, intent)
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
            if run.state.waiting is not Waiting.PERSON:  # words would only delay the ring
                run.say(run.flows.phrases.busy, Action.WAIT, run.bump("busy"))
            keep_waiting(run)
        case Miss():
            before = _wishes(run)
            if run.state.flow == run.flows.for_intent(Intent.TICKET):
                merge(run, meaning, text)
            if _wishes(run) != before:  # 匿名, said by the way: understood, and the question stays open
                _leave_no_name(run)
                _continue(run)
            else:
                miss(run, text)
        case _:
            assert_never(decision)


def _notice(run: Run, event: Heard, decision: Decision) -> None:
    """Whether this caller needs time; not while something more urgent goes on."""
    state, text = run.state, event.utterance.text
    run.evolve(
        strains=strains(state.strains, event.meaning),
        slow_turns=slow_turns(state.slow_turns, event.utterance, state.expect),
    )
    if isinstance(decision, ToEmergency | ToPerson | Speak | Busy) or run.flow.holds:
        return
    if isinstance(decision, Steer) and decision.command in (Command.SLOWER, Command.FASTER):
        return
    if sum(state.strains) >= STRAINS or state.slow_turns >= SLOW_TURNS or ELDERLY.search(text):
        be_patient(run)


def _speak(run: Run, language: LanguageTag) -> None:
    """Another language: a person who speaks it, and our own words in it where we have them. In an
    emergency only the words change; back in Mandarin the call goes on where it was left."""
    foreign = run.flows.for_language(run.state.wanted if language == MANDARIN else language)
    run.want(language)
    if language == MANDARIN and run.flows.phrases.mandarin:
        run.say(run.flows.phrases.mandarin, Action.WAIT)
    if run.flow.holds and not run.state.waiting:
        ask_again(run, prompt=True)
    elif run.flow.holds or (language == MANDARIN and run.state.waiting not in INTERRUPTIBLE):
        keep_waiting(run)
    elif language != MANDARIN:
        assert foreign is not None  # the policy has seen to it
        break_in(run, foreign)
    elif run.state.flow == foreign and run.state.stack:
        back = run.state.stack[-1]
        run.evolve(stack=run.state.stack[:-1])
        jump(run, back.flow, back.node)
    elif run.state.flow == foreign:
        go_anchor(run, "home")
    else:
        ask_again(run, prompt=True)


def keyed(run: Run, event: Keyed) -> None:
    """The caller pressed keys."""
    if run.state.waiting:
        keep_waiting(run)
        return
    ignored = run.node.ignores if isinstance(run.node, Waits) else ()
    if event.keys == HUMAN_KEY and Anywhere.HUMAN not in ignored:
        to_person(run, HandoverReason.ASKED)
        return
    reply = keyed_reply(run.node, event.keys, run.at.date())
    if reply is None and isinstance(run.node, AskStep) and run.node.expect is ExpectKind.OPEN:
        name, anchors = run.flows.anchored(run.state.base)
        menu = run.flows.flows[name].nodes[anchors.keys]
        reply = keyed_reply(menu, event.keys, run.at.date())
        if reply is not None:
            run.evolve(flow=name, node=anchors.keys, stack=())
    if reply is not None:
        run.evolve(misses=0, stumbles=0)
        _apply(run, reply)
    elif event.keys == REPEAT_KEY and Anywhere.REPEAT not in ignored:
        steer(run, Command.REPEAT)
    else:
        miss(run, event.keys)


def _wishes(run: Run) -> tuple[str, ...]:
    """How the caller wants the matter to be handled."""
    return tuple(run.state.slot(name) for name in ("anonymous", "confidential"))


def _leave_no_name(run: Run) -> None:
    """Who wants to stay nameless leaves no number either, also where it was read back already."""
    if run.state.slot("anonymous"):
        run.forget("phone")
        run.fill(Filled("manner", "匿名"))


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


def _remember_question(run: Run, event: Heard, answer: Answer | None) -> None:
    text = event.utterance.text.strip()
    run.forget("question")
    run.fill(Filled("question", text, text))
    run.evolve(
        doubt=None,
        asked=nameless(text, event.meaning),
        intent=event.meaning.intent,
        appeal_type=AppealType.CONSULT,
        department=event.meaning.department or (answer.department if answer else None),
        guesses=event.meaning.departments,
    )


def _inform(run: Run, event: Heard, answer: Answer | None, digression: bool) -> None:
    run.answer = answer
    if answer is None:
        note_no_answer(run, event)
    if not digression:
        confirmed = confirms(run, answer)
        if not confirmed:
            note_left(run, answer)
            _remember_question(run, event, answer)
        run.evolve(unsure=confirmed or (answer is not None and answer.score < SURE_ANSWER))
        go_anchor(run, "answer")
    elif answer is not None:
        run.inform(answer)
        _continue(run)
    else:
        run.say(run.flows.phrases.unanswered, Action.ANSWER)
        ask_again(run, prompt=True, afresh=True)


def _take(run: Run, reply: Reply, event: Heard) -> None:
    """An answer: its slot, and whatever else the caller said in the same breath."""
    meaning = event.meaning
    if meaning.intent not in (Intent.FAQ, Intent.OUT_OF_SCOPE):
        merge(run, meaning, event.utterance.text)
    if any(f.name == "what" for f in reply.fills):
        run.evolve(
            appeal_type=run.state.appeal_type or meaning.appeal_type,
            urgency=max(run.state.urgency, meaning.urgency, key=["一般", "紧急", "特急"].index),
            department=meaning.department or run.state.department,
            guesses=meaning.departments or run.state.guesses,
        )
    _apply(run, reply)


def _apply(run: Run, reply: Reply) -> None:
    run.fill(*reply.fills)
    if reply.score is not None:
        run.effects.append(Rate(reply.score))
    note_denial(run, reply)
    doubt, (flow, anchors) = run.state.doubt, run.flows.anchored(run.state.base)
    if doubt and (run.state.flow, run.state.node) == (flow, anchors.choose) and reply.way == SECOND:
        run.evolve(doubt=doubt.rival)
    if not (reply.way and take(run, *reply.way)):
        ask_again(run, prompt=True)


def _next_part(run: Run) -> None:
    if run.flows.anchored(run.state.base)[1].parts:
        go_anchor(run, "parts")
    else:
        more(run)


def _send_text(run: Run) -> None:
    if run.flows.anchored(run.state.base)[1].text:
        go_anchor(run, "text")
    else:
        more(run)
