"""The city's own data, as text, to the nouns everyone shares."""

from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from voicebot.core.catalogue import CityProfile, Department
from voicebot.core.ids import DepartmentName
from voicebot.core.marked_yaml import read_yaml, validate
from voicebot.core.problem import ContentError, Problem

COLUMNS: Final = ("name", "short", "kind", "duties")


class _City(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1)
    hotline: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    timezone: str = "Asia/Shanghai"
    hotlines: dict[str, str] = Field(default_factory=dict)


def load_city(path: str, text: str) -> CityProfile:
    """Reads `city.yaml`.

    Raises:
        ContentError: every mistake with its line.
    """
    document = read_yaml(path, text)
    city = validate(document, _City)
    wrong = [
        document.problem(("hotlines", number), "city.number", f"热线号码「{number}」应全为数字")
        for number in city.hotlines
        if not (number.isascii() and number.isdigit())
    ]
    if wrong:
        raise ContentError(wrong)
    return CityProfile(city.name, city.hotline, city.owner, city.timezone, MappingProxyType(city.hotlines))


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
