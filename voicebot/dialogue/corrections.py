"""What a caller changes in a read-back: 不对，是三号楼."""

import re

from voicebot.core.meaning import Meaning

_NUMBER = r"[0-9０-９A-Za-z零〇一二两三四五六七八九十百甲乙丙丁东西南北]+"
_PART = re.compile(rf"(?P<number>{_NUMBER})(?P<unit>号楼|号院|号门|单元|栋|幢|座|楼|层|室|户|弄|巷|期|区|号)")
_TAIL = re.compile(
    rf"(?:小区|花园|家园|社区|大院|公寓|大厦|广场)?(?:{_NUMBER}(?:号楼|号院|单元|栋|幢|座|楼|层|室|户|弄|巷|期|号))*"
    rf"(?:{_NUMBER}(?!\d|[天年月点个次元块]))?(?:门口|路口|附近|旁边|对面|楼下|楼上|门前|南门|北门|东门|西门)?"
)
_DENIAL = re.compile(
    r"^[，,。\s]*(?:(?:不对|不是|错了|不|不不|写错了|记错了|说错了)[了啊呢吧的]*[，,。、\s]*)+"
    r"(?:应该|改成|改为|地址|地点|位置)?(?:是|在|为|成)?[，,。、\s]*"
)
_DIGITS = re.compile(r"1\d{10}|0\d{9,11}|\d{7,8}")


def merge_address(old: str, new: str) -> str:
    """The corrected address: a part of the same unit is replaced, a finer part is added, anything
    that stands alone replaces all.

    >>> merge_address("幸福小区二号楼三单元", "三号楼")
    '幸福小区三号楼三单元'
    >>> merge_address("幸福小区", "三号楼")
    '幸福小区三号楼'
    >>> merge_address("幸福小区二号楼", "阳光花园一号楼")
    '阳光花园一号楼'
    """
    parts = list(_PART.finditer(new))
    if not old or not parts or parts[0].start() > 0 or parts[-1].end() < len(new):
        return new
    result = old
    for part in parts:
        same = [p for p in _PART.finditer(result) if p["unit"] == part["unit"]]
        if same:
            result = result[: same[-1].start()] + part.group() + result[same[-1].end() :]
        else:
            result += part.group()
    return result


def whole_address(text: str, span: str) -> str:
    """The place with the finer parts that follow it in the sentence.

    >>> whole_address("在金桂苑小区5栋楼下", "金桂苑")
    '金桂苑小区5栋楼下'
    """
    start = text.find(span)
    if not span or start < 0:
        return span
    tail = _TAIL.match(text, start + len(span))
    return span + (tail.group() if tail else "")


def without_denial(text: str) -> str:
    """What comes after 不对，是."""
    return _DENIAL.sub("", text, count=1).strip("，,。！!？? ")


def corrected(meaning: Meaning, text: str, allowed: tuple[str, ...]) -> dict[str, str]:
    """Slot → new value (as said) that an answer to a read-back brings; only `allowed` slots."""
    found = {name: meaning.slots[name].value for name in allowed if name in meaning.slots}
    if found or meaning.yes is True:
        return found
    rest = without_denial(text)
    if rest == text.strip("，,。！!？? "):
        return {}
    digits = _DIGITS.search(rest)
    if digits and "phone" in allowed:
        return {"phone": digits.group()}
    part = _PART.search(rest)
    if part and part.start() == 0 and "address" in allowed:
        return {"address": rest}
    return {}
