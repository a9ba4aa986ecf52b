"""Steps that wait for the caller: `ask`, `menu`, `rate`."""

from collections.abc import Collection
from typing import Final, Literal, TypeVar

from voicebot.core.utterance import ExpectKind
from voicebot.dialogue.days import When
from voicebot.dialogue.fields import Anywhere, Flag, Keys, Seconds, Strict, Tries, Words
from voicebot.dialogue.prompt import Prompt
from voicebot.dialogue.state import Label

TRIES: Final = 2
"""Answers that do not fit, in a row, where neither the question nor its flow says how many."""


class Step(Strict):
    """What all step kinds share.

    Args:
        label: state written to the call record; by default it follows from the kind.
    """

    label: Label | None = None


class Choice(Strict):
    """One way out of a closed question, by voice (`label`) or by `key`.

    Args:
        words: other words that mean it, wherever they stand in what is said (at its end where they have a
            full stop: 我是。); the first choice that has one is taken, also before yes and no.
    """

    label: str
    key: str
    next: str
    words: Words = ()


class Escapes(Strict):
    """What happens when a question is not answered; a flow's `defaults` hold for every question that does
    not say otherwise.

    Args:
        no_input: said on silence; `no_match`: on an answer that does not fit; `help`: on 怎么说.
        max_tries: answers that do not fit, in a row, before `on_no_match` (or a person).
        on_no_input: where silence leads once all reminders were said.
    """

    no_input: Prompt | None = None
    no_match: Prompt | None = None
    help: Prompt | None = None
    max_tries: Tries | None = None
    on_no_input: str | None = None
    on_no_match: str | None = None


class Waits(Step):
    """What all steps share that wait for the caller.

    Args:
        ignores: words that work anywhere but here; the checker keeps `human` and `emergency`.
    """

    prompt: Prompt
    ignores: tuple[Anywhere, ...] = ()


class Question(Waits, Escapes):
    """A question of its own words."""

    @property
    def tries(self) -> int:
        return self.max_tries or TRIES


class AskStep(Question):
    """Asks and waits; without `slot` and with `expect: open` it is the open question, whose
    answer the policy routes by meaning.

    Args:
        slot: where the answer goes; a slot that is filled is not asked for, unless `again`.
        corrects: slots that the answer to a read-back may correct in the same breath.
        optional: 跳过, or a second answer that does not fit, goes on without the slot.
        digits: most keys of one answer.
        patience: seconds more of silence before the answer counts as finished.
        when: a date lies before or after today; 三号 is then the last or the next one.
        verbatim: whatever is said goes into the slot, anger and questions too; danger and the wish for a
            person are heard all the same.
    """

    kind: Literal["ask"]
    expect: ExpectKind = ExpectKind.OPEN
    slot: str | None = None
    next: str | None = None
    yes: str | None = None
    no: str | None = None
    choices: tuple[Choice, ...] = ()
    corrects: tuple[str, ...] = ()
    optional: Flag = False
    again: Flag = False
    digits: Keys = 0
    patience: Seconds = 0.0
    when: When | None = None
    verbatim: Flag = False

    @property
    def is_open(self) -> bool:
        """The policy routes what is said here."""
        return self.expect is ExpectKind.OPEN and self.slot is None and self.next is None


class MenuStep(Question):
    """One level of keys; 0 is always a person and may not be taken.

    Args:
        also: one more sentence in other languages, whatever the call's (For English, press 9).
    """

    kind: Literal["menu"]
    also: Prompt | None = None
    choices: tuple[Choice, ...]


class RateStep(Waits):
    """Asks for a score from 1 to 5 once; whoever does not want to rate is not pressed."""

    kind: Literal["rate"]
    next: str
    low: str | None = None


S = TypeVar("S", bound=Step)


def inherited(step: S, name: str, defaults: Escapes, steps: Collection[str]) -> S:
    """`step` (called `name`) with the ways out that its flow gives to every question.

    Its own win; a question that may be skipped goes on when no answer fits; no question leads to itself, nor
    to one that is not among `steps` (that mistake is the flow's).
    """
    if not isinstance(step, Question):
        return step
    fields = ["max_tries", "on_no_input", "on_no_match"]
    if isinstance(step, AskStep) and step.optional:
        fields.remove("on_no_match")
    given = {field: getattr(defaults, field) for field in fields if getattr(step, field) is None}
    given = {
        field: value
        for field, value in given.items()
        if isinstance(value, int) or (value in steps and value != name)
    }
    return step.model_copy(update=given) if given else step
