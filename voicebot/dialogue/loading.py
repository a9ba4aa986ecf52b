"""YAML texts → checked flows, or every mistake at once with its place."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from voicebot.core.catalogue import Catalogue
from voicebot.core.ids import FlowName
from voicebot.core.marked_yaml import read_marked
from voicebot.core.problem import ContentError, Problem, Severity
from voicebot.dialogue.checking.checks import check
from voicebot.dialogue.checking.shape import read_flow as read_flow
from voicebot.dialogue.checking.shape_words import explained as explained
from voicebot.dialogue.checking.source import Source
from voicebot.dialogue.flows import MAIN, SMS_TARGET, Flow, Flows

_NAME = re.compile(r"^flow:[ \t]*['\"]?([^\s'\"#]+)", re.MULTILINE)


def load_flows(texts: Mapping[str, str], catalogue: Catalogue) -> Flows:
    """Builds the graph of all files.

    Args:
        texts: path as the author knows it → content.
        catalogue: what flows may refer to by name.

    Raises:
        ContentError: every mistake of every file; warnings are in it too.
    """
    problems: list[Problem] = []
    sources: list[Source] = []
    hidden: list[FlowName] = []
    for path, text in sorted(texts.items()):
        shape = read_flow(read_marked(path, text))
        problems += shape.problems
        if shape.source:
            sources.append(shape.source)
        else:  # references to it are no mistakes
            hidden += [FlowName(name) for name in _NAME.findall(text)[:1]]
    named = len(sources) + len(hidden) == len(texts)
    complete = len(sources) == len(texts)
    problems += check(sources, catalogue, complete=complete, hidden=hidden if named else None)
    problems = list(dict.fromkeys(problems))
    if any(p.severity is Severity.ERROR for p in problems):
        raise ContentError(problems)
    main = next(s.file for s in sources if s.file.flow == MAIN)
    assert main.phrases is not None  # the checker has seen to it
    flows = {s.file.flow: _flow(s) for s in sources}
    warnings = tuple(sorted(problems))
    sms = catalogue.notify_targets is None or SMS_TARGET in catalogue.notify_targets
    return Flows(MappingProxyType(flows), catalogue.city, main.phrases, warnings, sms)


def _flow(source: Source) -> Flow:
    file = source.file
    return Flow(
        name=file.flow,
        title=file.title,
        path=source.path,
        start=file.start,
        nodes=MappingProxyType(source.nodes),
        numbers=file.numbers,
        intents=file.intents,
        words=file.words,
        slots=MappingProxyType(file.slots),
        inputs=file.inputs,
        outputs=file.outputs,
        holds=file.holds,
        languages=file.languages,
        serves=MappingProxyType(file.serves),
        defaults=file.defaults,
        anchors=file.anchors,
        declines=file.declines,
    )
