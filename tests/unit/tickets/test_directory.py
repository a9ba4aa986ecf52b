"""The files of the 派单目录: what is read, and every mistake with its line."""

import pytest

from tests.fakes.directories import shipped, shipped_departments, shipped_texts
from voicebot.core.problem import ContentError
from voicebot.tickets.directory import Directory
from voicebot.tickets.directory_loading import load_directory

STREETS = {"翠湖街道": "云湖区", "石桥镇": "柳河县"}


def load(dispatch: str = "", categories: str = "") -> Directory:
    texts = {"kb/dispatch.yaml": dispatch, "kb/categories.yaml": categories}
    return load_directory({p: t for p, t in texts.items() if t}, shipped_departments(), STREETS)


def mistakes(dispatch: str = "", categories: str = "") -> list[tuple[str, int, str]]:
    with pytest.raises(ContentError) as caught:
        load(dispatch, categories)
    return [(p.path.rsplit("/")[-1], p.line, p.code) for p in caught.value.problems]


def test_without_files_nothing_is_automatic() -> None:
    empty = load()
    assert empty.automatic is None
    assert not empty.routes
    assert empty.serves(shipped_departments()[0].name, "云湖区", "")


def test_every_department_of_the_city_has_duties_in_the_tree() -> None:
    with_duties = {unit for category in shipped().categories for unit in category.units}
    assert with_duties == set(shipped().units)


def test_the_first_levels_are_those_of_the_city() -> None:
    firsts = {category.path.split("/")[0] for category in shipped().categories}
    assert {"城市管理", "住房建设", "公用事业", "公安户政", "消防安全", "三农", "应急", "其他"} <= firsts
    assert all(category.path.count("/") == 2 for category in shipped().categories)


def test_only_own_duties_lead_to_street_offices() -> None:
    assert all(
        shipped().is_below(r.main) <= (r.id in ("楼道堆物", "独居老人", "打骂孩子")) for r in shipped().routes
    )


ROUTE = "routes:\n  - id: 甲\n    words: 路灯\n    main: 城管\n    ground: 因为\n"


@pytest.mark.parametrize(
    ("dispatch", "line", "code"),
    [
        (ROUTE.replace("城管", "园林绿化处"), 4, "dispatch.unknown_department"),
        (ROUTE.replace("城管", "城管 住建"), 4, "dispatch.main"),
        (ROUTE + "    with: 城管\n", 6, "dispatch.duplicate"),
        (ROUTE + "    with: 住建 住建\n", 6, "dispatch.duplicate"),
        (ROUTE + "    shared: true\n", 6, "dispatch.shared"),
        (ROUTE + "    shared: 也许\n", 6, "schema.value_error"),
        (ROUTE + "    nacht: true\n", 6, "schema.unknown_key"),
        (ROUTE + ROUTE.removeprefix("routes:\n"), 6, "dispatch.duplicate"),
        (ROUTE.replace("路灯", "(路灯|灯"), 3, "dispatch.pattern"),
        (ROUTE.replace("    ground: 因为\n", ""), 2, "schema.missing"),
        ("automatic: 2\n", 1, "schema.less_than_equal"),
        ("automatic: 高\n", 1, "schema.float_parsing"),
        ("regions:\n  供热: [云湖区, 火星区]\n", 2, "dispatch.unknown_place"),
        ("regions:\n  暖气站: [云湖区]\n", 2, "dispatch.unknown_department"),
        ("regions:\n  供热: [云湖区]\n  市热力公司: [柳河县]\n", 3, "dispatch.duplicate"),
        ("grounds:\n  - {name: 甲, basis: 乙}\n  - {name: 甲, basis: 丙}\n", 3, "dispatch.duplicate"),
        ("below: {kinds: [外星人], ground: 不许}\n", 1, "dispatch.unknown_kind"),
        ("night: (夜\n", 1, "dispatch.pattern"),
        ("a: b: c\n", 1, "yaml.syntax"),
    ],
)
def test_a_mistake_is_told_with_its_line(dispatch: str, line: int, code: str) -> None:
    assert ("dispatch.yaml", line, code) in mistakes(dispatch)


@pytest.mark.parametrize(
    ("leaf", "code"),
    [
        ("{to: 城关, words: 灯}", "dispatch.unknown_department"),
        ("{to: 城管, words: (灯}", "dispatch.pattern"),
        ("{to: 城管}", "schema.missing"),
        ("{to: 城管, words: 灯, colour: red}", "schema.unknown_key"),
    ],
)
def test_a_mistake_in_the_tree_is_told_with_its_line(leaf: str, code: str) -> None:
    tree = f"categories:\n  城市管理:\n    市政:\n      路灯: {leaf}\n"
    assert mistakes(categories=tree) == [("categories.yaml", 4, code)]


def test_mistakes_of_both_files_are_told_at_once() -> None:
    found = mistakes("automatic: 9\n", "categories:\n  甲:\n    乙:\n      丙: {to: 丁, words: 戊}\n")
    assert [path for path, _, _ in found] == ["categories.yaml", "dispatch.yaml"]


def test_a_street_decides_where_the_district_was_not_told() -> None:
    directory = load("regions:\n  供热: [云湖区]\n  燃气: [石桥镇]\n")
    heat, gas = (next(d.name for d in shipped_departments() if d.short == s) for s in ("供热", "燃气"))
    assert directory.serves(heat, "云湖区", "")
    assert not directory.serves(heat, "柳河县", "")
    assert directory.serves(heat, "", "翠湖街道二号")
    assert not directory.serves(heat, "", "石桥镇上")
    assert directory.serves(gas, "柳河县", "石桥镇上")
    assert not directory.serves(gas, "柳河县", "马岭乡")
    assert directory.serves(gas, "", "不知道哪里")


def test_the_shipped_files_load() -> None:
    assert set(shipped_texts()) == {"knowledge_base/dispatch.yaml", "knowledge_base/categories.yaml"}
    assert len(shipped().routes) >= 50
    assert len(shipped().categories) >= 150
