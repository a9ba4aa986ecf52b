"""The shape of a step, as pydantic models: one model per kind, told apart by `kind`."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from voicebot.core.ids import FlowName, LanguageTag, QueueName
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue.effects import Action
from voicebot.dialogue.manner import Manner
from voicebot.dialogue.prompt import Prompt
from voicebot.dialogue.state import Label


def _listed(value: object) -> object:
    """One word may be written without the list it stands in."""
    return [value] if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Tags = Annotated[tuple[LanguageTag, ...], BeforeValidator(_listed)]


class Strict(BaseModel):
    """Unknown keys are mistakes; values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(Strict):
    """What all step kinds share.

    Args:
        label: state written to the call record; by default it follows from the kind.
    """

    label: Label | None = None


class SayStep(Step):
    """Speaks and goes on."""

    kind: Literal["say"]
    prompt: Prompt
    next: str
    action: Action = Action.ASK


class Choice(Strict):
    """One way out of a closed question, by voice (`label`) or by `key`."""

    label: str
    key: str
    next: str


class AskStep(Step):
    """Asks and waits; without `slot` and with `expect: open` it is the open question, whose
    answer the policy routes by meaning.

    Args:
        slot: where the answer goes; a slot that is filled is not asked for, unless `again`.
        corrects: slots that the answer to a read-back may correct in the same breath.
        optional: 跳过, or a second answer that does not fit, goes on without the slot.
        max_tries: answers that do not fit, in a row, before `on_no_match` (or a person).
    """

    kind: Literal["ask"]
    prompt: Prompt
    expect: ExpectKind = ExpectKind.OPEN
    slot: str | None = None
    next: str | None = None
    yes: str | None = None
    no: str | None = None
    choices: tuple[Choice, ...] = ()
    corrects: tuple[str, ...] = ()
    optional: bool = False
    again: bool = False
    digits: int = Field(default=0, ge=0, le=20)
    patience: float = Field(default=0.0, ge=0.0, le=10.0)
    no_input: Prompt | None = None
    no_match: Prompt | None = None
    help: Prompt | None = None
    max_tries: int = Field(default=2, ge=1, le=5)
    on_no_input: str | None = None
    on_no_match: str | None = None

    @property
    def is_open(self) -> bool:
        """The policy routes what is said here."""
        return self.expect is ExpectKind.OPEN and self.slot is None and self.next is None


class MenuStep(Step):
    """One level of keys; 0 is always a person and may not be taken.

    Args:
        also: one more sentence in other languages, whatever the call's (For English, press 9).
    """

    kind: Literal["menu"]
    prompt: Prompt
    also: Prompt | None = None
    choices: tuple[Choice, ...]
    no_input: Prompt | None = None
    no_match: Prompt | None = None


class AnswerStep(Step):
    """Speaks what knowledge found for the last question; `none` when there is nothing.

    Args:
        rest: question to ask when, in a patient manner, only the first sentences were read; entered
            again, the step reads on.
    """

    kind: Literal["answer"]
    next: str
    none: str
    rest: str | None = None


class TicketStep(Step):
    """Does something with a ticket and waits for the result.

    Args:
        do: ``create`` a ticket, ``callback`` (a person calls back), ``find`` the caller's
            tickets, ``change`` the one found as `request` says.
        done: it worked; with ``find``, exactly one was found.
        appended: ``create`` joined an older ticket of the same matter.
        many: ``find`` found several; the newest is in the slots.
        none: ``find`` found nothing, ``change`` was refused (reason in ``{reason}``).
        failed: the store is out of reach after a second try.
    """

    kind: Literal["ticket"]
    do: Literal["create", "callback", "find", "change"]
    done: str
    failed: str
    appended: str | None = None
    many: str | None = None
    none: str | None = None
    request: Literal["urge", "supplement", "withdraw", "objection"] | None = None
    prompt: Prompt | None = None


class TransferStep(Step):
    """Gives the call to a person; a completed talk ends the call.

    Args:
        number: emergency line to ring, digits or ``{slot}``.
        returned: the person gave the caller back.
        failed: nobody answered, busy, nobody on duty.
    """

    kind: Literal["transfer"]
    prompt: Prompt | None = None
    queue: QueueName
    number: str | None = None
    returned: str
    failed: str


class Case(Strict):
    is_: Words = Field(alias="is")
    next: str


class BranchStep(Step):
    """Goes one of several ways by a slot or a named fact; ``*`` stands for any value."""

    kind: Literal["branch"]
    on: str
    cases: tuple[Case, ...]
    otherwise: str


class CallStep(Step):
    """Runs another flow, then goes on."""

    kind: Literal["call"]
    flow: FlowName
    next: str


class SetStep(Step):
    """Gives slots fixed values; values may hold ``{slot}``.

    Args:
        manner: how we speak from now on.
        language: which the caller wants; flows that have it are spoken in it.
    """

    kind: Literal["set"]
    slots: dict[str, str] = Field(default_factory=dict)
    manner: Manner | None = None
    language: LanguageTag | None = None
    next: str


class RateStep(Step):
    """Asks for a score from 1 to 5 once; whoever does not want to rate is not pressed."""

    kind: Literal["rate"]
    prompt: Prompt
    next: str
    low: str | None = None


class EndStep(Step):
    """Ends this flow.

    Args:
        then: ``return`` to where the flow was called or broke in, go ``home`` (is there
            anything else?), or ``hang_up``.
    """

    kind: Literal["end"]
    then: Literal["return", "home", "hang_up"] = "return"
    prompt: Prompt | None = None


AnyStep = Annotated[
    SayStep
    | AskStep
    | MenuStep
    | AnswerStep
    | TicketStep
    | TransferStep
    | BranchStep
    | CallStep
    | SetStep
    | RateStep
    | EndStep,
    Field(discriminator="kind"),
]

STEP_MODELS: dict[str, type[Step]] = {
    "say": SayStep,
    "ask": AskStep,
    "menu": MenuStep,
    "answer": AnswerStep,
    "ticket": TicketStep,
    "transfer": TransferStep,
    "branch": BranchStep,
    "call": CallStep,
    "set": SetStep,
    "rate": RateStep,
    "end": EndStep,
}


def targets(step: Step) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(field, target) of every way out of a step."""
    for field in ("next", "yes", "no", "on_no_input", "on_no_match", "done", "appended", "many", "none",
                  "failed", "returned", "otherwise", "low", "rest"):  # fmt: skip
        target = getattr(step, field, None)
        if target is not None:
            yield (field,), target
    match step:
        case AskStep(choices=choices) | MenuStep(choices=choices):
            yield from ((("choices", i, "next"), choice.next) for i, choice in enumerate(choices))
        case BranchStep(cases=cases):
            yield from ((("cases", i, "next"), case.next) for i, case in enumerate(cases))


def target(step: Step, field: tuple[str | int, ...]) -> str | None:
    """Where a way out of a step leads; `field` as `targets` gives it, None when the step has no such way."""
    match field:
        case (str(name),):
            found: str | None = getattr(step, name, None)
            return found
        case (str(name), int(index), "next"):
            following: str = getattr(step, name)[index].next
            return following
        case _:
            return None


def prompts(step: Step) -> Iterator[tuple[tuple[str | int, ...], Prompt]]:
    """(field, prompt) of everything a step may speak."""
    for field in ("prompt", "also", "no_input", "no_match", "help"):
        prompt = getattr(step, field, None)
        if prompt is not None:
            yield (field,), prompt
