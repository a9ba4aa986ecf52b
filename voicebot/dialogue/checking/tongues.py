"""Findings about languages: nobody is led where the flow has no words for them."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from voicebot.core.ids import MANDARIN
from voicebot.core.marked_yaml import Location
from voicebot.core.problem import Problem
from voicebot.dialogue.checking.source import Source, nearest, shown
from voicebot.dialogue.flow_file import FlowFile
from voicebot.dialogue.prompt import PLAIN, Prompt
from voicebot.dialogue.schema import AskStep, CallStep, SetStep, prompts

_HANZI = re.compile(r"[\u4e00-\u9fff]")


def check_languages(sources: Sequence[Source], complete: bool) -> Iterator[Problem]:
    """Every prompt has the languages of its flow; so have the flows that it may lead to.

    Args:
        complete: no file is missing, so what refers to another file can be judged.
    """
    complete = complete and all(s.sure("languages", "serves") for s in sources)
    known = {MANDARIN, *(tag for s in sources for tag in s.file.languages)}
    served = {MANDARIN, *(tag for s in sources for tag in s.file.serves)}
    claims = Counter(s.file.flow for s in sources)
    has = {s.file.flow: frozenset(s.file.languages) for s in sources if claims[s.file.flow] == 1}
    for source in sources:
        file = source.file
        for place, prompt in [*defaults(file), *_steps(source)]:
            yield from _keys(source, place, prompt, known if place[-1] != "also" else known | served)
            if place[-1] != "also" and source.sure("languages"):
                yield from _missing(source, place, prompt, file.languages)
        for place, prompt in spoken_by_policy(file) if source.sure("phrases") else ():
            yield from _keys(source, place, prompt, known)
            if complete:
                yield from _missing(source, place, prompt, known)
        rescues = any(intent.emergency_number for intent in file.intents)
        if rescues and complete and (lacking := sorted(known - {*file.languages})):
            message = f"紧急情况要有每一种语言的说法，缺 {'、'.join(lacking)}"
            yield source.error(("languages",), "flow.missing_language", message)
        for name, step in source.nodes.items():
            match step:
                case CallStep(flow=flow) if flow in has and (
                    lacking := sorted({*file.languages} - has[flow])
                ):
                    message = f"流程「{flow}」没有 {'、'.join(lacking)} 的说法"
                    yield source.error(("steps", name, "flow"), "flow.missing_language", message)
                case SetStep(language=str() as tag) if complete and tag not in served:
                    message = f"没有流程受理语言「{tag}」"
                    hint = nearest(tag, served)
                    yield source.error(("steps", name, "language"), "flow.unknown_language", message, hint)


def defaults(file: FlowFile) -> list[tuple[Location, Prompt]]:
    """What the questions of a flow say when they have nothing of their own."""
    fields = type(file.defaults).model_fields
    found = ((field, getattr(file.defaults, field)) for field in fields)
    return [(("defaults", field), prompt) for field, prompt in found if isinstance(prompt, Prompt)]


def spoken_by_policy(file: FlowFile) -> list[tuple[Location, Prompt]]:
    """Sentences that any step of any flow may need."""
    spoken: list[tuple[Location, Prompt]] = []
    for field in type(file.phrases).model_fields if file.phrases else ():
        value = getattr(file.phrases, field)
        if isinstance(value, dict):
            spoken += [(("phrases", field, key), prompt) for key, prompt in value.items()]
        elif value is not None:
            spoken.append((("phrases", field), value))
    return spoken


def _steps(source: Source) -> Iterator[tuple[Location, Prompt]]:
    for name, step in source.nodes.items():
        yield from ((("steps", name, *field), prompt) for field, prompt in prompts(step))


def _keys(source: Source, place: Location, prompt: Prompt, known: Collection[str]) -> Iterator[Problem]:
    for key, lines in prompt.wordings.items():
        at = (*place, key) if (*place, key) in source.document.marks else place
        if key not in (*known, PLAIN):
            hint = "是节点的一项吗？请和 kind 左边对齐" if key in AskStep.model_fields else ""
            hint = hint or nearest(key, (*known, PLAIN)) or f"可用：{'、'.join(sorted((*known, PLAIN)))}"
            yield source.error(at, "flow.unknown_language", f"没有流程用语言「{shown(key)}」", hint)
        elif key == "en" and any(_HANZI.search(text) for text in lines):
            yield source.error(at, "flow.wrong_language", "英文的说法里有汉字")


def _missing(source: Source, place: Location, prompt: Prompt, wanted: Collection[str]) -> Iterator[Problem]:
    lacking = sorted(tag for tag in wanted if tag not in prompt.wordings)
    if lacking:
        yield source.error(place, "flow.missing_language", f"缺少 {'、'.join(lacking)} 的说法")
