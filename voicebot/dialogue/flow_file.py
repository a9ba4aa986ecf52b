"""The shape of a flow file around its steps."""

from pydantic import Field

from voicebot.core.ids import MANDARIN, FlowName, LanguageTag
from voicebot.core.meaning import Intent
from voicebot.dialogue.fields import Flag, Strict, Tags, Words
from voicebot.dialogue.prompt import Prompt
from voicebot.dialogue.questions import Escapes


class Defaults(Escapes):
    """Inherited by every question of the flow that does not say otherwise."""


class Anchors(Strict):
    """Steps that the policy goes to by role; without `doubt`, doubtful answers are given all the same.

    Args:
        choose: asks which of two close articles is meant (else `doubt` asks about the better one); its first
            choice stands for ``{topic}``, its second for ``{other}``.
        parts: tells the next matter of a life event. text: sends the answer as a text message.
    """

    home: str
    answer: str
    doubt: str | None = None
    choose: str | None = None
    parts: str | None = None
    text: str | None = None
    offer: str
    unsolved: str
    keys: str
    close: str


class Decline(Strict):
    """What to say when a matter belongs elsewhere; the first entry with a matching word wins."""

    words: Words = ()
    say: Prompt


class Phrases(Strict):
    """Sentences of the policy, needed at any step of any flow.

    Args:
        patient: before the first slower words, when nobody asked for them; `normal`: back to the
            usual tempo; `mandarin`: back to Mandarin.
        part: before each matter of a life event. text_hint: that materials and steps can be sent.
    """

    wait: Prompt
    busy: Prompt
    louder: Prompt
    slower: Prompt
    patient: Prompt | None = None
    normal: Prompt | None = None
    mandarin: Prompt | None = None
    thanks: Prompt
    hello: Prompt
    go_on: Prompt
    about_me: Prompt
    who: Prompt
    more_hint: Prompt
    no_more: Prompt
    part: Prompt | None = None
    text_hint: Prompt | None = None
    resume: Prompt
    unanswered: Prompt
    yes_no_keys: Prompt
    bad_phone: Prompt
    silence_close: Prompt
    late_ticket: Prompt
    try_again: Prompt
    failures: dict[str, Prompt]


class FlowFile(Strict):
    """A whole file, steps still raw (each is validated by its own model, for exact lines).

    Args:
        numbers: dialled numbers that start here.
        intents: meanings that bring the caller here from anywhere.
        words: what brings the caller here who says it to an open question, and nothing better is known.
        slots: name → Chinese label, in the order in which they are read back.
        inputs: slots that may be filled before the flow starts; `outputs`: those that a flow which calls
            this one may take over when it returns.
        holds: silence never closes the call here (an emergency stays on the line).
        languages: in which it can be spoken; a call in another one goes on in Mandarin here.
        serves: language → its Chinese name; who speaks or wants one of them is brought here.
    """

    flow: FlowName
    title: str
    start: str
    numbers: Words = ()
    intents: tuple[Intent, ...] = ()
    words: Words = ()
    slots: dict[str, str] = Field(default_factory=dict)
    inputs: Words = ()
    outputs: Words = ()
    holds: Flag = False
    languages: Tags = (MANDARIN,)
    serves: dict[LanguageTag, str] = Field(default_factory=dict)
    defaults: Defaults = Defaults()
    anchors: Anchors | None = None
    phrases: Phrases | None = None
    declines: tuple[Decline, ...] = ()
    steps: dict[str, object]
