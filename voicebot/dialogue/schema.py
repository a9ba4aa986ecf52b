"""The shape of a step, as pydantic models: one model per kind, told apart by `kind`."""

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Final, Literal

from pydantic import Field

from voicebot.core.ids import FlowName, LanguageTag, QueueName
from voicebot.dialogue.effects import Action
from voicebot.dialogue.fields import Strict, Words
from voicebot.dialogue.manner import Manner
from voicebot.dialogue.prompt import Prompt
from voicebot.dialogue.questions import AskStep as AskStep
from voicebot.dialogue.questions import Choice as Choice
from voicebot.dialogue.questions import MenuStep as MenuStep
from voicebot.dialogue.questions import RateStep as RateStep
from voicebot.dialogue.questions import Step as Step


class SayStep(Step):
    """Speaks and goes on."""

    kind: Literal["say"]
    prompt: Prompt
    next: str
    action: Action = Action.ASK


class AnswerStep(Step):
    """Speaks what knowledge found for the last question; `none` when there is nothing.

    Args:
        of: ``question``: what was found for the last question; ``part``: the next matter of the life event.
        rest: question to ask when, in a patient manner, only the first sentences were read; entered
            again, the step reads on.
    """

    kind: Literal["answer"]
    next: str
    none: str
    of: Literal["question", "part"] = "question"
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
    """Gives the call to a person; a completed talk ends the call. At least one of `queue`, `number` and
    `emergency` says to whom; the seats of `queue` come last.

    Args:
        queue: its seats; `skill`: those of them who have it, if there are any.
        number: another hotline or office that the operator has configured (`seat.numbers`).
        emergency: emergency line to ring, digits or ``{slot}``.
        returned: the person gave the caller back, or the caller did not want to wait.
        call_back: the caller wants to be rung instead of waiting, or has waited as long as anybody may;
            without it `failed`.
        failed: nobody answered, busy, nobody on duty.
    """

    kind: Literal["transfer"]
    prompt: Prompt | None = None
    queue: QueueName | None = None
    skill: str | None = None
    number: str | None = None
    emergency: str | None = None
    returned: str
    call_back: str | None = None
    failed: str


class NotifyStep(Step):
    """Sends a message: an SMS, or a webhook of another system. Without `failed` the flow goes on at once and
    the message is sent behind it; with `failed` the caller waits for the result, a few seconds at most.

    Args:
        to: name of a target that the operator has configured (`notify.targets`).
        phone: whom an SMS is for, usually ``{caller}`` or ``{phone}``; empty when it is not known.
        text: words of the message; `slots`: slots that are sent along. Nothing else of the call is sent.
        prompt: said meanwhile.
        next: it was sent, or will be.
        failed: it was not taken after all tries, or not in time.
    """

    kind: Literal["notify"]
    to: str
    phone: str | None = None
    text: str = ""
    slots: Words = ()
    prompt: Prompt | None = None
    next: str
    failed: str | None = None


class Case(Strict):
    is_: Words = Field(alias="is")
    next: str


class BranchStep(Step):
    """Goes one of several ways by a slot or a named fact (see `facts`); ``*`` stands for any value."""

    kind: Literal["branch"]
    on: str
    cases: tuple[Case, ...]
    otherwise: str


class CallStep(Step):
    """Runs another flow, then goes on.

    Args:
        inputs: slot of that flow → value it begins with, which may hold ``{slot}`` of ours.
        outputs: slot of ours → slot of that flow whose value it gets when the flow returns.
    """

    kind: Literal["call"]
    flow: FlowName
    inputs: dict[str, str] = Field(default_factory=dict)
    outputs: dict[str, str] = Field(default_factory=dict)
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


class EndStep(Step):
    """Ends this flow.

    Args:
        then: ``return`` to where the flow was called or broke in, go ``home`` (is there
            anything else?), or ``hang_up``. In the waiting flow, ``call_back`` or ``leave``: the caller waits
            no longer, and is to be rung, or not; on with the step that asked for the person.
    """

    kind: Literal["end"]
    then: Literal["return", "home", "hang_up", "call_back", "leave"] = "return"
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
    | NotifyStep
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
    "notify": NotifyStep,
    "end": EndStep,
}


TARGETS: Final = ("next", "yes", "no", "on_no_input", "on_no_match", "done", "appended", "many", "none",
                  "failed", "returned", "call_back", "otherwise", "low", "rest")  # fmt: skip
PROMPTS: Final = ("prompt", "also", "no_input", "no_match", "help")


@cache
def _fields_among(model: type[Step], names: tuple[str, ...]) -> tuple[str, ...]:
    """Those fields that a kind has (asking a pydantic model for one it lacks is slow)."""
    return tuple(name for name in names if name in model.model_fields)


def targets(step: Step) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(field, target) of every way out of a step."""
    for field in _fields_among(type(step), TARGETS):
        target = getattr(step, field)
        if target is not None:
            yield (field,), target
    match step:
        case AskStep(choices=choices) | MenuStep(choices=choices):
            yield from ((("choices", i, "next"), choice.next) for i, choice in enumerate(choices))
        case BranchStep(cases=cases):
            yield from ((("cases", i, "next"), case.next) for i, case in enumerate(cases))


def target(step: Step, field: tuple[str | int, ...]) -> str | None:
    """Where a way out of a step leads; `field` as `targets` gives it, None when the step has no such way."""
    if len(field) == 1:
        found: str | None = getattr(step, field[0], None)  # type: ignore[arg-type]
        return found
    if len(field) == 3:
        name, index, _ = field
        following: str = getattr(step, name)[index].next  # type: ignore[arg-type]
        return following
    return None


def prompts(step: Step) -> Iterator[tuple[tuple[str | int, ...], Prompt]]:
    """(field, prompt) of everything a step may speak."""
    for field in _fields_among(type(step), PROMPTS):
        prompt = getattr(step, field)
        if prompt is not None:
            yield (field,), prompt
