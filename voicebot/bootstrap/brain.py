"""Builds a `Brain` from a content folder."""

from collections.abc import Collection
from pathlib import Path

from voicebot.adapters.files.content import read_content
from voicebot.calls.brain import Brain
from voicebot.core.catalogue import Catalogue
from voicebot.core.ids import LanguageTag, QueueName
from voicebot.core.problem import ContentError, Problem
from voicebot.dialogue import load_flows
from voicebot.knowledge import check as check_knowledge
from voicebot.knowledge import load_knowledge
from voicebot.understanding import load_city, load_departments, load_understander

QUEUES = tuple(QueueName(name) for name in ("综合", "企业", "外语", "长者", "紧急"))


def load_brain(root: Path, spoken: Collection[LanguageTag] | None = None) -> Brain:
    """Reads and checks everything below `root`.

    Args:
        spoken: languages our voices speak; flows in others go on in Mandarin. None: all.

    Raises:
        ContentError: every mistake in every file, each with its place.
        VoicebotError: ``content.missing``.
    """
    content = read_content(root)
    city = load_city(*content.city)
    departments = load_departments(*content.departments)
    problems: list[Problem] = []
    knowledge = understander = flows = None
    try:
        knowledge = load_knowledge(content.articles)
        problems += [p for p in check_knowledge(knowledge, departments) if p.severity == "error"]
    except ContentError as error:
        problems += error.problems
    try:
        understander = load_understander(content.lexicons, departments)
    except ContentError as error:
        problems += error.problems
    titles = {i: a.title for i, a in knowledge.articles.items()} if knowledge else {}
    catalogue = Catalogue(city, departments, titles, QUEUES)
    try:
        flows = load_flows(content.flows, catalogue)
    except ContentError as error:
        problems += error.problems
    if problems or knowledge is None or understander is None or flows is None:
        raise ContentError(problems)
    if spoken is not None:
        flows = flows.speaking(spoken)
    return Brain(catalogue, understander, knowledge, flows, content.digest)
