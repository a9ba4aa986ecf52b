"""The city's own data, as text, to the nouns everyone shares."""

from typing import Final
from zoneinfo import ZoneInfo

from voicebot.core.catalogue import CityProfile, Department
from voicebot.core.ids import DepartmentName
from voicebot.core.marked_yaml import Location, read_yaml, validate
from voicebot.core.problem import ContentError, Problem
from voicebot.understanding.city_file import CityFile

COLUMNS: Final = ("name", "short", "kind", "duties")


def load_city(path: str, text: str) -> CityProfile:
    """Reads `city.yaml`.

    Raises:
        ContentError: every mistake with its line.
    """
    document = read_yaml(path, text)
    city = validate(document, CityFile)
    numbers: list[tuple[Location, str]] = [(("hotlines", number), number) for number in city.hotlines]
    numbers += [
        (("callers", name, i), number)
        for name, listed in city.callers.items()
        for i, number in enumerate(listed)
    ]
    wrong = [
        document.problem(place, "city.number", f"号码「{number}」应全为数字")
        for place, number in numbers
        if not (number.isascii() and number.isdigit())
    ]
    wrong += [
        document.problem(("outages", i, "until"), "city.outage", "结束时间应在开始时间之后")
        for i, outage in enumerate(city.outages)
        if outage.ends <= outage.begins
    ]
    if not _is_zone(city.timezone):
        hint = "例如 Asia/Shanghai"
        wrong.append(
            document.problem(("timezone",), "city.timezone", f"没有「{city.timezone[:40]}」这个时区", hint)
        )
    if wrong:
        raise ContentError(wrong)
    return city.profile()


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; a path; a folder of zones
        return False
    return True


def load_departments(path: str, text: str) -> tuple[Department, ...]:
    """Reads `departments.tsv`: a header, then name, short, kind, duties separated by tabs.

    Duty words are separated by spaces; brackets that explain a word are split off it.

    Raises:
        ContentError: a line without four columns, an empty or double name, no department at all.
    """
    problems: list[Problem] = []
    departments: dict[str, Department] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if number == 1 or not line.strip():
            continue
        if len(cells) != len(COLUMNS) or not cells[0] or not cells[1]:
            problems.append(Problem(path, number, 1, "departments.columns", "应有名称、简称、类别、职责四列"))
        elif cells[0] in departments:
            problems.append(Problem(path, number, 1, "departments.duplicate", f"部门「{cells[0]}」重复"))
        else:
            departments[cells[0]] = Department(
                DepartmentName(cells[0]), cells[1], cells[2], _duties(cells[3])
            )
    if not departments and not problems:
        problems.append(Problem(path, 0, 0, "departments.empty", "部门目录是空的"))
    if problems:
        raise ContentError(problems)
    return tuple(departments.values())


def _duties(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell.translate(str.maketrans("()（）、", "     ")).split()))
