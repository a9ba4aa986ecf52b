"""The question that is open: what it waits for, and asking it once more."""

from dataclasses import replace

from voicebot.core.utterance import Expect, ExpectKind
from voicebot.dialogue.effects import Action
from voicebot.dialogue.fields import MOST_KEYS
from voicebot.dialogue.flows import WAITING
from voicebot.dialogue.outside import hand_over
from voicebot.dialogue.run import PATIENT, Run
from voicebot.dialogue.schema import AskStep, MenuStep, RateStep, TransferStep
from voicebot.dialogue.state import Label, Waiting

QUIET = 60.0
PHONE_DIGITS = 12
DATE_DIGITS = 8
YES_OR_NO = ("是的", "不是")
SCORES = ("一分", "两分", "三分", "四分", "五分")
"""Labels of questions that are closed by their kind, in the order of their keys."""


def ask_again(run: Run, *, prompt: bool, afresh: bool = False) -> None:
    """Waits for the same answer; `prompt` speaks the question once more: in other words, or
    `afresh`, as after a digression."""
    step = run.node
    match step:
        case AskStep() | MenuStep() | RateStep():
            if prompt:
                run.say(step.prompt, act_of(step), 0 if afresh else run.bump(run.visits))
            run.listen(expect_of(run))
        case _:
            run.listen_again()


def expect_of(run: Run) -> Expect:
    """What the current question waits for; where the caller waits for a person, they need not speak."""
    expect = _expect_of(run)
    waits = run.state.queueing is not None and run.state.flow == WAITING
    return replace(expect, no_input=QUIET) if waits else expect


def _expect_of(run: Run) -> Expect:
    match run.node:
        case AskStep() as step:
            digits = {
                ExpectKind.PHONE: PHONE_DIGITS,
                ExpectKind.DIGITS: MOST_KEYS,
                ExpectKind.DATE: DATE_DIGITS,
                ExpectKind.SCORE: 1,
                ExpectKind.YES_NO: 1,
                ExpectKind.CHOICE: 1,
            }.get(step.expect, 0)
            if "phone" in step.corrects and step.expect is ExpectKind.OPEN:
                digits = PHONE_DIGITS
            labels = tuple(choice.label for choice in step.choices)
            if step.expect is ExpectKind.YES_NO:
                labels = labels or YES_OR_NO
            if step.expect is ExpectKind.SCORE:
                labels = labels or SCORES
            detail = bool(step.corrects) or step.slot not in ("", None, "what")
            return Expect(step.expect, step.patience, labels, step.digits or digits, detail=detail)
        case MenuStep(choices=choices):
            return Expect(ExpectKind.CHOICE, choices=tuple(c.label for c in choices), digits=1)
        case RateStep():
            return Expect(ExpectKind.SCORE, choices=SCORES, digits=1)
        case _:
            return run.state.expect or Expect()


def act_of(step: AskStep | MenuStep | RateStep) -> Action:
    if isinstance(step, RateStep):
        return Action.RATE
    return Action.CONFIRM if isinstance(step, AskStep) and step.expect is ExpectKind.YES_NO else Action.ASK


def label_of(step: AskStep | MenuStep | RateStep) -> Label:
    match step:
        case RateStep():
            return Label.CLOSING
        case AskStep(expect=ExpectKind.YES_NO):
            return Label.CONFIRMING
        case AskStep(slot=str()):
            return Label.COLLECTING
        case _:
            return Label.LISTENING


def keep_waiting(run: Run) -> None:
    """The caller did something while a result is awaited: nothing changes."""
    if run.state.waiting is Waiting.PERSON and isinstance(run.node, TransferStep):
        hand_over(run, run.node)
    else:
        run.listen(PATIENT)
