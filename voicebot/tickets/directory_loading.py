"""The 派单目录 out of what an administrator wrote, checked as a whole."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from voicebot.core.catalogue import Department
from voicebot.core.ids import DepartmentName
from voicebot.core.marked_yaml import Location, MarkedYaml, read_yaml, validate
from voicebot.core.problem import ContentError, Problem
from voicebot.language.patterns import Pattern, PatternError, parse_all
from voicebot.tickets.directory import Category, Directory, Ground, Route
from voicebot.tickets.directory_file import CategoriesFile, DispatchFile, RouteFile
from voicebot.tickets.phrases import Phrases, Spoken

DISPATCH: Final = "dispatch.yaml"
CATEGORIES: Final = "categories.yaml"


def load_directory(
    texts: Mapping[str, str],
    departments: Sequence[Department],
    streets: Mapping[str, str] | None = None,
) -> Directory:
    """Reads ``dispatch.yaml`` and ``categories.yaml``; what is missing is empty, and nothing is automatic.

    Args:
        texts: path → text.
        streets: street → district of the gazetteer; None: not known here, regions are not checked.

    Raises:
        ContentError: every mistake of both files with file:line.
    """
    reader = _Reader(departments, streets)
    units = MappingProxyType({department.name: department for department in departments})
    categories = _categories(reader, texts)
    directory = _dispatch(reader, texts, categories, units)
    if reader.problems:
        raise ContentError(reader.problems)
    _warm(directory)
    return directory


class _Reader:
    """Collects findings over both files."""

    def __init__(self, departments: Sequence[Department], streets: Mapping[str, str] | None) -> None:
        self.problems: list[Problem] = []
        self.streets = streets
        self._names = {name: d.name for d in departments for name in (d.name, d.short, *_nicknames(d))}

    def words(self, document: MarkedYaml, at: Location, words: str) -> Phrases:
        patterns: list[Pattern] = []
        for item in parse_all(words):
            if isinstance(item, PatternError):
                self.problems.append(document.problem(at, "dispatch.pattern", str(item)))
            else:
                patterns.append(item)
        return Phrases(tuple(patterns))

    def units(self, document: MarkedYaml, at: Location, names: str) -> tuple[DepartmentName, ...]:
        found: list[DepartmentName] = []
        for name in names.split():
            if name not in self._names:
                problem = document.problem(at, "dispatch.unknown_department", f"部门目录里没有「{name}」")
                self.problems.append(problem)
            elif self._names[name] in found:
                self.problems.append(document.problem(at, "dispatch.duplicate", f"「{name}」写了两次"))
            else:
                found.append(self._names[name])
        return tuple(found)

    def double(self, document: MarkedYaml, at: Location, what: str) -> None:
        self.problems.append(document.problem(at, "dispatch.duplicate", f"{what}重复"))


def _nicknames(department: Department) -> tuple[str, ...]:
    short = department.short
    return (short.removesuffix("局"), short.removesuffix("中心"))


def _read(reader: _Reader, texts: Mapping[str, str], name: str) -> MarkedYaml | None:
    for path, text in texts.items():
        if path.rsplit("/", 1)[-1] == name:
            try:
                return read_yaml(path, text)
            except ContentError as error:
                reader.problems += error.problems
    return None


def _categories(reader: _Reader, texts: Mapping[str, str]) -> tuple[Category, ...]:
    document = _read(reader, texts, CATEGORIES)
    if document is None:
        return ()
    try:
        tree = validate(document, CategoriesFile).categories
    except ContentError as error:
        reader.problems += error.problems
        return ()
    categories = []
    for first, seconds in tree.items():
        for second, thirds in seconds.items():
            for third, leaf in thirds.items():
                at: Location = ("categories", first, second, third)
                if any("/" in name for name in (first, second, third)):
                    reader.problems.append(document.problem(at, "dispatch.category", "分类名称里不能有「/」"))
                units = reader.units(document, (*at, "to"), leaf.to)
                words = reader.words(document, (*at, "words"), leaf.words)
                categories.append(Category(f"{first}/{second}/{third}", units, words, leaf.code))
    return tuple(categories)


def _dispatch(
    reader: _Reader,
    texts: Mapping[str, str],
    categories: tuple[Category, ...],
    units: Mapping[DepartmentName, Department],
) -> Directory:
    streets = MappingProxyType(dict(reader.streets or {}))
    document = _read(reader, texts, DISPATCH)
    if document is None:
        return Directory(units=units, streets=streets, categories=categories)
    try:
        file = validate(document, DispatchFile)
    except ContentError as error:
        reader.problems += error.problems
        return Directory(units=units, streets=streets, categories=categories)
    kinds = {department.kind for department in units.values()}
    if file.below and not kinds.intersection(file.below.kinds):
        message = f"部门目录里没有类别「{'、'.join(file.below.kinds)}」的单位"
        reader.problems.append(document.problem(("below", "kinds"), "dispatch.unknown_kind", message))
    return Directory(
        units=units,
        automatic=file.automatic,
        designate_at=file.designate_at,
        below=frozenset(file.below.kinds if file.below else ()),
        below_ground=file.below.ground if file.below else "",
        regions=_regions(reader, document, file),
        streets=streets,
        night=reader.words(document, ("night",), file.night),
        grounds=_grounds(reader, document, file),
        routes=_routes(reader, document, file.routes),
        categories=categories,
    )


def _regions(
    reader: _Reader, document: MarkedYaml, file: DispatchFile
) -> Mapping[DepartmentName, frozenset[str]]:
    regions: dict[DepartmentName, frozenset[str]] = {}
    for name, places in file.regions.items():
        known = set(reader.streets or {}) | set((reader.streets or {}).values())
        for index, place in enumerate(places):
            if reader.streets is not None and place not in known:
                at: Location = ("regions", name, index)
                message = f"地名表里没有区县或者街道「{place}」"
                reader.problems.append(document.problem(at, "dispatch.unknown_place", message))
        for unit in reader.units(document, ("regions", name), name):
            if unit in regions:
                reader.double(document, ("regions", name), f"单位「{unit}」")
            regions[unit] = frozenset(places)
    return MappingProxyType(regions)


def _grounds(reader: _Reader, document: MarkedYaml, file: DispatchFile) -> Mapping[str, Ground]:
    grounds: dict[str, Ground] = {}
    for index, ground in enumerate(file.grounds):
        if ground.name in grounds:
            reader.double(document, ("grounds", index, "name"), f"退单理由「{ground.name}」")
        grounds[ground.name] = Ground(ground.name, ground.basis, ground.other)
    return MappingProxyType(grounds)


def _routes(reader: _Reader, document: MarkedYaml, files: Sequence[RouteFile]) -> tuple[Route, ...]:
    routes: dict[str, Route] = {}
    for index, file in enumerate(files):
        at: Location = ("routes", index)
        if file.id in routes:
            reader.double(document, (*at, "id"), f"路由「{file.id}」")
        main = reader.units(document, (*at, "main"), file.main)
        helpers = reader.units(document, (*at, "with"), file.helpers)
        if len(main) > 1:
            problem = document.problem(
                (*at, "main"), "dispatch.main", "主办只能写一个单位", "其他的写进 with"
            )
            reader.problems.append(problem)
        if set(main) & set(helpers):
            reader.double(document, (*at, "with"), "主办单位在协办里")
        if file.shared and not helpers:
            problem = document.problem((*at, "shared"), "dispatch.shared", "几家都管的事要写 with")
            reader.problems.append(problem)
        routes[file.id] = Route(
            id=file.id,
            words=reader.words(document, (*at, "words"), file.words),
            also=reader.words(document, (*at, "and"), file.also),
            never=reader.words(document, (*at, "not"), file.never),
            night=file.night,
            main=main[0] if main else DepartmentName(""),
            helpers=helpers,
            shared=file.shared,
            person=file.person,
            ground=file.ground,
        )
    return tuple(routes.values())


def _warm(directory: Directory) -> None:
    """Compiles all words now: here it may take its time, on the first call it may not."""
    for words in (directory.night, *(c.words for c in directory.categories)):
        words.found(Spoken("。"))
    for route in directory.routes:
        for words in (route.words, route.also, route.never):
            words.found(Spoken("。"))
