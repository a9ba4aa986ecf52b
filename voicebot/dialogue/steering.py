"""Words that steer the conversation itself: repeat, slower, wait, back, help, more, courtesy."""

from dataclasses import replace

from voicebot.core.meaning import Command
from voicebot.core.utterance import Expect
from voicebot.dialogue.effects import Action
from voicebot.dialogue.manner import PATIENT_RATE, SLOWEST_RATE, Manner
from voicebot.dialogue.open_question import ask_again
from voicebot.dialogue.prompt import Prompt
from voicebot.dialogue.questions import Question
from voicebot.dialogue.run import Run
from voicebot.dialogue.schema import AskStep
from voicebot.dialogue.state import Label, State
from voicebot.dialogue.walk import go_anchor, jump

ON_PAPER = ("materials", "steps")
"""Aspects of an answer that callers like to have in writing."""

LONG_WAIT = 30.0
"""Seconds a caller who said 等一下 may be silent."""


def steer(run: Run, command: Command) -> None:
    """Carries out a command; the open question stays open."""
    phrases = run.flows.phrases
    match command:
        case Command.REPEAT:
            _repeat(run)
        case Command.SLOWER:
            again = run.state.manner is Manner.PATIENT
            run.evolve(chosen=True)
            run.change_manner(Manner.PATIENT, SLOWEST_RATE if again else PATIENT_RATE)
            if run.state.label is Label.GREETING:  # too long for who asks for short words
                run.say(phrases.slower, Action.WAIT)
                ask_again(run, prompt=True)
            else:
                _repeat(run, phrases.slower)
        case Command.FASTER:
            run.evolve(chosen=True)
            run.change_manner(Manner.NORMAL)
            run.say(phrases.normal or phrases.go_on, Action.WAIT)
            _resume(run)
        case Command.LOUDER:
            _repeat(run, phrases.louder)
        case Command.WAIT:
            expect = run.state.expect or Expect()
            run.say(phrases.wait, Action.WAIT, run.bump("wait"))
            run.listen(replace(expect, no_input=LONG_WAIT))
        case Command.HELP:
            own = run.node.help if isinstance(run.node, Question) else None
            run.say(own or run.flow.defaults.help or phrases.about_me, Action.ASK, run.bump("help"))
            run.listen_again()
        case Command.BACK:
            _back(run)
        case Command.MORE:
            more(run)
        case Command.THANKS:
            run.say(phrases.thanks, Action.ASK, run.bump("thanks"))
            _resume(run)
        case Command.GREETING:
            run.say(phrases.hello, Action.ASK, run.bump("hello"))
            _resume(run)
        case Command.GOODBYE:
            go_anchor(run, "close")
        case Command.CORRECT | Command.SKIP:
            ask_again(run, prompt=True)


def _repeat(run: Run, intro: Prompt | None = None) -> None:
    """The same words again; only the introduction is not repeated next time."""
    said, action = run.state.said, run.state.action or Action.ASK
    if intro:
        run.say(intro, Action.WAIT)
    run.forget_spoken()
    article = run.state.article if action is Action.ANSWER else None
    for text in said:
        run.utter(text, action, article=article, language=run.state.language)
    if said:
        run.listen_again()
    else:
        ask_again(run, prompt=True)


def _resume(run: Run) -> None:
    node = run.node
    if isinstance(node, AskStep) and node.is_open:
        run.listen_again()
    else:
        ask_again(run, prompt=True)


def _back(run: Run) -> None:
    """The question before this one, if it belongs to the same business."""
    before = [frame for frame in run.state.history if frame.flow == run.state.flow]
    if len(before) < 2 or before[-1].node != run.state.node:
        ask_again(run, prompt=True)
        return
    target = before[-2]
    step = run.flow.nodes[target.node]
    if isinstance(step, AskStep) and step.slot:
        run.forget(step.slot)
    run.evolve(history=run.state.history[:-2])
    jump(run, target.flow, target.node)


def shorter(run: Run) -> None:
    """The gist of the answer in focus; from now on answers are short."""
    run.evolve(terse=True)
    if run.state.focus is None:
        ask_again(run, prompt=True)
        return
    run.read_out(run.state.focus.text, run.state.article, whole=True)
    _after_more(run)


def covers(state: State, aspect: str) -> bool:
    """There is something to say to a follow-up."""
    return bool(dict(state.aspects).get(aspect) or state.rest or state.more)


def more(run: Run, aspect: str = "") -> None:
    """More about the article in focus: the part asked for, else what has not been read yet, else an
    honest that was all."""
    state = run.state
    part = dict(state.aspects).get(aspect, "")
    question = run.flows.rest_question(state.base)
    at_ease = _at_ease(run)
    if text := part or "".join(state.rest) or state.more:
        if not part and not state.rest:
            run.evolve(more="")
        run.read_out(text, state.article, whole=question is None or not at_ease)
    else:
        run.say(run.flows.phrases.no_more, Action.ANSWER, article=state.article)
    if part and aspect in ON_PAPER:
        _hint_at_text(run)
    if question and state.rest and not state.terse:
        run.evolve(stack=())
        jump(run, *question)
    else:
        _after_more(run)


def _at_ease(run: Run) -> bool:
    """Nothing is asked but whether there is anything else, or whether to read on."""
    state, node = run.state, run.node
    is_open = isinstance(node, AskStep) and node.is_open
    return is_open or (state.flow, state.node) == run.flows.rest_question(state.base)


def _after_more(run: Run) -> None:
    if _at_ease(run):
        go_anchor(run, "home")
    else:
        ask_again(run, prompt=True)


def _hint_at_text(run: Run) -> None:
    """What one wants on paper can be sent; said once in a call, and only where it is true."""
    state, hint = run.state, run.flows.phrases.text_hint
    wanted = hint and state.manner is Manner.NORMAL and not state.terse
    if wanted and hint and run.value("can_text") == "yes" and not run.bump("text_hint"):
        run.say(hint, Action.ASK)
