"""What exists in this city: handed to the flow checker and to understanding as one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from voicebot.core.ids import ArticleId, DepartmentName, QueueName


@dataclass(frozen=True, slots=True)
class Department:
    """A row of the city directory (`knowledge_base/departments.tsv`).

    Args:
        name: official name, the value used on tickets.
        short: how callers say it.
        kind: 政府部门, 公用企业, 街道 …
        duties: words a caller uses for its business.
    """

    name: DepartmentName
    short: str
    kind: str
    duties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CityProfile:
    """Who runs this hotline (`knowledge_base/city.yaml`).

    Args:
        name: e.g. 云江市.
        hotline: spoken name, e.g. 云江12345.
        owner: department in charge.
        timezone: IANA name.
        hotlines: dialled number → name of the line it once was (origin_hotline).
    """

    name: str
    hotline: str
    owner: str
    timezone: str = "Asia/Shanghai"
    hotlines: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that a flow, an article or a lexicon may refer to by name."""

    city: CityProfile
    departments: tuple[Department, ...] = ()
    articles: Mapping[ArticleId, str] = field(default_factory=lambda: MappingProxyType({}))
    queues: tuple[QueueName, ...] = (QueueName("综合"),)

    def department(self, name: str) -> Department | None:
        return next((d for d in self.departments if d.name == name), None)
