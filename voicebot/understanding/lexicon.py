"""All lexicons of one version, checked and compiled into one matcher."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from pydantic import BaseModel

from voicebot.core.catalogue import Department
from voicebot.core.ids import DepartmentName
from voicebot.core.marked_yaml import Location, MarkedYaml, read_yaml, validate
from voicebot.core.meaning import AppealType, Urgency
from voicebot.core.problem import ContentError, Problem
from voicebot.language.patterns import Pattern, PatternError, parse_all
from voicebot.understanding.matcher import Matcher
from voicebot.understanding.place_names import NameWords
from voicebot.understanding.schema import (
    CommonFile,
    DetailFile,
    EmergencyFile,
    GazetteerFile,
    IntentFile,
    LanguageFile,
    ReplyFile,
    Topic,
    TopicFile,
)

M = TypeVar("M", bound=BaseModel)

FILES: Final[dict[str, type[BaseModel]]] = {
    "common.yaml": CommonFile,
    "emergencies.yaml": EmergencyFile,
    "intents.yaml": IntentFile,
    "topics.yaml": TopicFile,
    "replies.yaml": ReplyFile,
    "languages.yaml": LanguageFile,
    "details.yaml": DetailFile,
    "gazetteer.yaml": GazetteerFile,
}


@dataclass(frozen=True, slots=True)
class TopicRoute:
    """Where a topic goes.

    Args:
        departments: lead first, then those it is confused with.
    """

    id: str
    departments: tuple[DepartmentName, ...]
    appeal: AppealType
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class Place:
    """A name of the gazetteer; `kind` is district, street, community, road, line or poi."""

    name: str
    kind: str
    district: str


@dataclass(frozen=True, slots=True)
class Places:
    """The names of the gazetteer, and how unknown names are written."""

    known: Mapping[str, Place]
    words: NameWords


@dataclass(frozen=True)
class Lexicon:
    """Everything that understanding knows about words. Groups of the matcher:

    ``common``; ``danger/<number>/<level>`` and ``danger/<judge>``; ``cue/<name>``;
    ``trouble/<appeal>``, ``appeal/<appeal>``, ``urgency/<urgency>``; ``topic/<id>/<part>``, ``thing/<id>``;
    ``reply/…``, ``command/…``, ``mood/…``; ``flag/…``, ``request/…``, ``score/…``; ``place/<kind>``;
    ``language/<tag>``, ``language/carriers``.
    """

    matcher: Matcher
    intents: IntentFile
    topics: Mapping[str, TopicRoute]
    places: Places
    replies: ReplyFile
    languages: LanguageFile
    departments: Sequence[Department]


class _Compiler:
    """Collects groups and findings over all files."""

    def __init__(self) -> None:
        self.groups: dict[str, list[Pattern]] = {}
        self.problems: list[Problem] = []

    def add(self, document: MarkedYaml, at: Location, group: str, words: str) -> None:
        patterns = self.groups.setdefault(group, [])
        for item in parse_all(words):
            if isinstance(item, PatternError):
                self.problems.append(document.problem(at, "lexicon.pattern", str(item)))
            else:
                patterns.append(item)

    def add_model(self, document: MarkedYaml, at: Location, prefix: str, model: BaseModel) -> None:
        """Every field of `model` that holds words, as a group of its own."""
        for name, words in model:
            if isinstance(words, str):
                self.add(document, (*at, name), f"{prefix}/{name}", words)


def load_lexicon(texts: Mapping[str, str], departments: Sequence[Department]) -> Lexicon:
    """Reads and checks all lexicon files.

    Args:
        texts: path → text; the file names are those of `FILES`.

    Raises:
        ContentError: every mistake of every file with file:line.
    """
    documents, models, problems = _read(texts)
    if problems:
        raise ContentError(problems)
    compiler = _Compiler()
    _simple_groups(compiler, documents, models)
    intents = models["intents.yaml"]
    topics = models["topics.yaml"]
    replies = models["replies.yaml"]
    languages = models["languages.yaml"]
    details = models["details.yaml"]
    gazetteer = models["gazetteer.yaml"]
    assert isinstance(intents, IntentFile)
    assert isinstance(topics, TopicFile)
    assert isinstance(replies, ReplyFile)
    assert isinstance(languages, LanguageFile)
    assert isinstance(details, DetailFile)
    assert isinstance(gazetteer, GazetteerFile)
    _intent_groups(compiler, documents["intents.yaml"], intents)
    document = documents["languages.yaml"]
    compiler.add(document, ("carriers",), "language/carriers", languages.carriers)
    for tag, words in languages.languages.items():
        compiler.add(document, ("languages", tag), f"language/{tag}", words)
    routes = _topic_groups(compiler, documents["topics.yaml"], topics.topics, departments)
    known = _place_groups(compiler, documents["gazetteer.yaml"], gazetteer)
    places = Places(known, NameWords(details.places))
    for department in departments:
        compiler.groups[f"department/{department.name}"] = [
            Pattern(word, ((word,),)) for word in (department.name, *department.duties) if len(word) > 1
        ]
    if compiler.problems:
        raise ContentError(compiler.problems)
    return Lexicon(Matcher(compiler.groups), intents, routes, places, replies, languages, tuple(departments))


def _read(
    texts: Mapping[str, str],
) -> tuple[dict[str, MarkedYaml], dict[str, BaseModel], list[Problem]]:
    documents: dict[str, MarkedYaml] = {}
    models: dict[str, BaseModel] = {}
    problems: list[Problem] = []
    for path, text in texts.items():
        name = path.rsplit("/", 1)[-1]
        if name not in FILES:
            problems.append(Problem(path, 0, 0, "lexicon.unknown_file", "没有这种词库文件"))
            continue
        try:
            documents[name] = read_yaml(path, text)
            models[name] = validate(documents[name], FILES[name])
        except ContentError as error:
            problems += error.problems
    missing = [name for name in FILES if name not in documents]
    if not problems:
        problems += [Problem(name, 0, 0, "lexicon.missing_file", "缺少词库文件") for name in missing]
    return documents, models, problems


def _simple_groups(
    compiler: _Compiler, documents: Mapping[str, MarkedYaml], models: Mapping[str, BaseModel]
) -> None:
    common, danger = models["common.yaml"], models["emergencies.yaml"]
    replies, details = models["replies.yaml"], models["details.yaml"]
    assert isinstance(common, CommonFile)
    assert isinstance(danger, EmergencyFile)
    assert isinstance(replies, ReplyFile)
    assert isinstance(details, DetailFile)
    compiler.add(documents["common.yaml"], ("words",), "common", common.words)
    document = documents["emergencies.yaml"]
    for number, levels in danger.numbers.items():
        compiler.add_model(document, ("numbers", number), f"danger/{number}", levels)
    compiler.add_model(document, (), "danger", danger)
    document = documents["replies.yaml"]
    compiler.add_model(document, (), "reply", replies)
    compiler.add_model(document, ("commands",), "command", replies.commands)
    compiler.add_model(document, ("mood",), "mood", replies.mood)
    document = documents["details.yaml"]
    compiler.add_model(document, (), "detail", details)
    compiler.add_model(document, ("flags",), "flag", details.flags)
    compiler.add_model(document, ("requests",), "request", details.requests)
    for score, words in details.scores.items():
        compiler.add(document, ("scores", score), f"score/{score}", words)


def _intent_groups(compiler: _Compiler, document: MarkedYaml, intents: IntentFile) -> None:
    names: set[str] = set()
    for index, cue in enumerate(intents.cues):
        if cue.name in names:
            at: Location = ("cues", index, "name")
            compiler.problems.append(document.problem(at, "lexicon.duplicate", f"说法组「{cue.name}」重复"))
        names.add(cue.name)
        compiler.add(document, ("cues", index, "words"), f"cue/{cue.name}", cue.words)
    for index, trouble in enumerate(intents.troubles):
        compiler.add(document, ("troubles", index, "words"), f"trouble/{trouble.appeal}", trouble.words)
    for index, appeal in enumerate(intents.appeals):
        compiler.add(document, ("appeals", index, "words"), f"appeal/{appeal.appeal}", appeal.words)
    compiler.add(document, ("conduct",), "conduct", intents.conduct)
    compiler.add(document, ("joints",), "joint", intents.joints)
    for index, level in enumerate(intents.urgency):
        compiler.add(document, ("urgency", index, "words"), f"urgency/{level.urgency}", level.words)


def _topic_groups(
    compiler: _Compiler, document: MarkedYaml, topics: Sequence[Topic], departments: Sequence[Department]
) -> dict[str, TopicRoute]:
    by_name = {name: d.name for d in departments for name in (d.name, d.short, *_nicknames(d))}
    routes: dict[str, TopicRoute] = {}
    for index, topic in enumerate(topics):
        at: Location = ("topics", index)
        if topic.id in routes:
            compiler.problems.append(
                document.problem((*at, "id"), "lexicon.duplicate", f"事项「{topic.id}」重复")
            )
        unknown = [name for name in topic.to.split() if name not in by_name]
        compiler.problems += [
            document.problem((*at, "to"), "lexicon.unknown_department", f"部门目录里没有「{name}」")
            for name in unknown
        ]
        names = tuple(by_name[name] for name in topic.to.split() if name in by_name)
        routes[topic.id] = TopicRoute(topic.id, names, topic.appeal, topic.urgency)
        for part in ("things", "words", "trouble", "ask"):
            compiler.add(document, (*at, part), f"topic/{topic.id}/{part}", getattr(topic, part))
        compiler.add(document, (*at, "things"), f"thing/{topic.id}", topic.things)
    return routes


def _nicknames(department: Department) -> tuple[str, ...]:
    """Short names that the directory spells differently from the way authors do."""
    short = department.short
    return (short.removesuffix("局"), short.removesuffix("中心"))


def _place_groups(compiler: _Compiler, document: MarkedYaml, gazetteer: GazetteerFile) -> dict[str, Place]:
    places: dict[str, Place] = {gazetteer.city: Place(gazetteer.city, "city", "")}
    compiler.add(document, ("city",), "place/city", gazetteer.city)

    def add(at: Location, kind: str, district: str, words: str) -> None:
        compiler.add(document, at, f"place/{kind}", words)
        for name in words.split():
            places.setdefault(name, Place(name, kind, district))

    for index, district in enumerate(gazetteer.districts):
        at: Location = ("districts", index)
        add((*at, "name"), "district", district.name, district.name)
        add((*at, "also"), "district", district.name, district.also)
        add((*at, "streets"), "street", district.name, district.streets)
        add((*at, "communities"), "community", district.name, district.communities)
        add((*at, "roads"), "road", district.name, district.roads)
        add((*at, "places"), "poi", district.name, district.places)
    add(("roads",), "road", "", gazetteer.roads)
    add(("lines",), "line", "", gazetteer.lines)
    add(("places",), "poi", "", gazetteer.places)
    return places
