"""What the tickets of `voicebot bench tickets` are about: sentences of the examples, at real places.

Some matters and some places come up far more often than others, as in a city.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from voicebot.adapters.files.content import read_content
from voicebot.core.demand import Demand
from voicebot.core.ids import CallId
from voicebot.core.marked_yaml import read_yaml, validate
from voicebot.core.meaning import AppealType, Intent, Urgency
from voicebot.understanding.city import load_departments
from voicebot.understanding.examples import Example, load_examples
from voicebot.understanding.schema import GazetteerFile

T = TypeVar("T")
_TITLE: Final = 30
_SKEW: Final = 2.5
"""The power that a place's or a matter's rank is drawn with: a tenth of them makes two fifths of all."""
_NAMES: Final = ("王小明", "李红", "张建国", "刘芳", "陈伟", "欧阳娜", "赵强", "孙丽华")
_TIMES: Final = ("昨天晚上", "今天早上", "这几天", "上周", "一直这样", "")
_SECONDS: Final = ("希望尽快处理", "要求给个说法", "已经反映过一次", "请派人来看看", "附近住户都有意见", "")
_CHANNELS: Final = ("phone", "phone", "phone", "phone", "web", "wechat")
_URGENCIES: Final = (*[Urgency.NORMAL] * 18, Urgency.URGENT, Urgency.CRITICAL)


@dataclass(frozen=True, slots=True)
class Place:
    district: str
    name: str
    unit: str
    """What its houses are counted in: 号, 栋."""


@dataclass(frozen=True, slots=True)
class Town:
    matters: tuple[Example, ...]
    places: tuple[Place, ...]

    def demand(self, chance: random.Random, house: int, phone: str, call_id: str = "") -> Demand:
        """What somebody calls about; the house stands in the address and in the words."""
        matter, place = often(chance, self.matters), often(chance, self.places)
        address = f"{place.name}{house}{place.unit}"
        parts = (address, matter.text, chance.choice(_SECONDS))
        return Demand(
            appeal_type=matter.appeal or AppealType.HELP,
            title=f"{place.name}{matter.text}"[:_TITLE],
            content="，".join(part for part in parts if part),
            channel=chance.choice(_CHANNELS),
            urgency=chance.choice(_URGENCIES),
            department=matter.department,
            address=address,
            district=place.district,
            occurred=chance.choice(_TIMES),
            object="",
            caller_name=chance.choice(_NAMES),
            phone=phone,
            call_id=CallId(call_id) if call_id else None,
            evidence=(("address", address),),
        )


def often(chance: random.Random, some: Sequence[T]) -> T:
    """One of them, the first ones far more often."""
    return some[int(len(some) * chance.random() ** _SKEW)]


def town_of(root: Path, seed: int = 1) -> Town:
    """The shipped examples and places, in an order of their own.

    Raises:
        VoicebotError: the content is not valid.
    """
    content, chance = read_content(root), random.Random(seed)
    examples = load_examples(content.examples, load_departments(*content.departments))
    matters = [one for one in examples if one.intent is Intent.TICKET and one.department]
    places = _places(content.lexicons)
    chance.shuffle(matters)
    chance.shuffle(places)
    return Town(tuple(matters), tuple(places))


def _places(lexicons: Mapping[str, str]) -> list[Place]:
    found: list[Place] = []
    for path, text in lexicons.items():
        if Path(path).name != "gazetteer.yaml":
            continue
        for district in validate(read_yaml(path, text), GazetteerFile).districts:
            found += [Place(district.name, name, "号") for name in district.roads.split()]
            found += [Place(district.name, name, "栋") for name in district.communities.split()]
    return found
