"""Checked flows as an immutable graph, and what may be asked of them."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from voicebot.core.catalogue import CityProfile
from voicebot.core.ids import MANDARIN, FlowName, LanguageTag
from voicebot.core.meaning import Intent
from voicebot.core.problem import Problem
from voicebot.dialogue.flow_file import Anchors, Decline, Defaults, Phrases
from voicebot.dialogue.prompt import PLAIN, Prompt
from voicebot.dialogue.schema import AnswerStep, AskStep, BranchStep, SayStep, Step, prompts

MAIN: Final = FlowName("main")
WAITING: Final = FlowName("waiting")
"""The flow of a caller who waits for a person; without it they hear music alone."""
VARIABLE: Final = re.compile(r"\{(\w+)(?::(?:digits|number))?\}")
"""``{name}``, or with how its digits are read: ``{room:digits}`` one by one, ``{people:number}`` as a
quantity. Without it they are read by what they look like (`speech`)."""

SYSTEM_VARIABLES: Final = frozenset(
    {"hotline", "city", "owner", "caller", "recap", "outages", "topic", "other"}
    | {"answer", "answer_message", "parts", "part", "part_number", "queue_ahead", "queue_minutes"}
)
"""Always there: the city's and what it announces now, the caller's number, the filled slots of this flow read
back; what the articles asked back about (anchors `doubt` and `choose`) are about; the answer given last, in
one sentence and as a text message; how many matters a life event has, the one told last and its number; how
many wait for a person before the caller, and how many minutes it may take."""

SMS_TARGET: Final = "短信"
"""The notify target for text messages to callers; flows may name it whether it is configured or not."""

TICKET_RESULTS: Final = frozenset(
    {"ticket_no", "due", "ticket_department", "title", "status", "reply", "tickets", "refusal"}
)
"""Filled by a `ticket` step."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One checked file; see `schema.FlowFile` for the fields."""

    name: FlowName
    title: str
    path: str
    start: str
    nodes: Mapping[str, Step]
    defaults: Defaults
    numbers: tuple[str, ...] = ()
    intents: tuple[Intent, ...] = ()
    words: tuple[str, ...] = ()
    slots: Mapping[str, str] | None = None
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    holds: bool = False
    languages: tuple[LanguageTag, ...] = (MANDARIN,)
    serves: Mapping[LanguageTag, str] = field(default_factory=lambda: MappingProxyType({}))
    anchors: Anchors | None = None
    declines: tuple[Decline, ...] = ()

    @property
    def labels(self) -> Mapping[str, str]:
        """Slot → Chinese label, in read-back order."""
        return self.slots or {}


@dataclass(frozen=True, slots=True)
class Flows:
    """All flows of a city. Built by `loading.load_flows` alone, which checks them.

    Args:
        phrases: sentences of the policy, from the main flow.
        warnings: legal but doubtful.
        sms: text messages can be sent, as far as is known.
    """

    flows: Mapping[FlowName, Flow]
    city: CityProfile
    phrases: Phrases
    warnings: tuple[Problem, ...] = ()
    sms: bool = True

    @property
    def greeting(self) -> str:
        """The first words of the main line."""
        return self.greeting_of(MAIN)

    def greeting_of(self, name: FlowName) -> str:
        """The first words of a flow where nothing is out of the ordinary, "" when it does not begin by
        speaking."""
        flow = self.flows[name]
        first = flow.nodes[flow.start]
        while isinstance(first, BranchStep):  # the checker lets no circle of branches pass
            first = flow.nodes[first.otherwise]
        match first:
            case SayStep(prompt=prompt) | AskStep(prompt=prompt):
                return self.spoken(prompt.lines[0])
            case _:
                return ""

    def spoken(self, text: str) -> str:
        """`text` with the city's variables filled in; others stay."""
        values = {"hotline": self.city.hotline, "city": self.city.name, "owner": self.city.owner}
        return VARIABLE.sub(lambda m: values.get(m[1], m[0]), text)

    def for_number(self, dialled: str) -> FlowName:
        """The flow that answers a dialled number; the main flow when no flow claims it."""
        return next((f.name for f in self.flows.values() if dialled in f.numbers), MAIN)

    def for_intent(self, intent: Intent) -> FlowName | None:
        """The flow that serves a meaning from anywhere."""
        return next((f.name for f in self.flows.values() if intent in f.intents), None)

    def for_words(self, text: str) -> FlowName | None:
        """The flow one of whose words is in `text`, the longest where there are several."""
        named = [(word, f.name) for f in self.flows.values() for word in f.words if word in text]
        return max(named, key=lambda found: len(found[0]))[1] if named else None

    def for_language(self, language: LanguageTag) -> FlowName | None:
        """The flow that brings speakers of a language to a person."""
        return next((f.name for f in self.flows.values() if language in f.serves), None)

    def name_of(self, language: LanguageTag) -> str:
        """What a language is called in Chinese, "" when no flow serves it."""
        return next((f.serves[language] for f in self.flows.values() if language in f.serves), "")

    def anchored(self, base: FlowName) -> tuple[FlowName, Anchors]:
        """The flow whose anchors hold for a call that began in `base`, and they."""
        for name in (base, MAIN):
            anchors = self.flows[name].anchors
            if anchors is not None:
                return name, anchors
        raise LookupError("main flow without anchors: the checker lets none pass")

    def rest_question(self, base: FlowName) -> tuple[FlowName, str] | None:
        """The step that asks whether to read on, in a patient reading of an answer."""
        flow, anchors = self.anchored(base)
        step = self.flows[flow].nodes[anchors.answer]
        return (flow, step.rest) if isinstance(step, AnswerStep) and step.rest else None

    def decline(self, text: str) -> Prompt:
        """Which channel a matter outside our scope belongs to."""
        entries = self.flows[MAIN].declines
        fit = (d.say for d in entries if any(word in text for word in d.words))
        return next(fit, entries[-1].say)

    def speaking(self, languages: Collection[LanguageTag]) -> "Flows":
        """These flows where only some languages have a voice; the others are answered in Mandarin."""
        kept = {
            name: replace(flow, languages=tuple(tag for tag in flow.languages if tag in languages))
            for name, flow in self.flows.items()
        }
        return replace(self, flows=MappingProxyType(kept))

    def sentences(self, language: LanguageTag = MANDARIN) -> tuple[str, ...]:
        """Every fixed sentence (nothing of the call in it) of a language."""
        return tuple(text for text in self.templates(language) if not VARIABLE.search(text))

    def templates(self, language: LanguageTag = MANDARIN) -> tuple[str, ...]:
        """Every sentence of a language; ``{name}`` stands where something of the call does."""
        keys = (MANDARIN, PLAIN) if language == MANDARIN else (language,)
        lines = (line for prompt in self.prompts() for line in prompt.all_lines())
        found = (self.spoken(text) for key, _, text in lines if key in keys)
        return tuple(dict.fromkeys(text for text in found if text))

    def prompts(self) -> Iterator[Prompt]:
        """Everything that may be spoken, apart from knowledge."""
        for flow in self.flows.values():
            for step in flow.nodes.values():
                yield from (prompt for _, prompt in prompts(step))
            defaults = (flow.defaults.no_input, flow.defaults.no_match, flow.defaults.help)
            yield from (prompt for prompt in defaults if prompt)
            yield from (decline.say for decline in flow.declines)
        for name in Phrases.model_fields:
            value = getattr(self.phrases, name)
            values = value.values() if isinstance(value, dict) else (value,)
            yield from (prompt for prompt in values if prompt)
