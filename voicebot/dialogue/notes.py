"""The caller's words as a note: without fillers, in the third person for the ticket, in the
second person for the read-back."""

import re

TITLE_LENGTH = 30

_FILLER = re.compile(
    r"^(?:喂+|您好|你好|哎+|诶+|嗯+|呃+|啊|那个(?!月|星期|礼拜|周)|这个(?!月|星期|礼拜|周)|就是说?|请问|麻烦(?:您|你)?|同志|师傅|小姐|先生"
    r"|不好意思|是这样的?|我说一下|我跟(?:您|你)说)(?=.)[，,、。\s]*"
)
_INTENT = re.compile(
    r"^(?:我(?:们)?)?(?:想要?|要|需要|打算)?(?:跟|向|给|和)?(?:你们|您|你|政府|热线|12345)?"
    r"(?:再)?(?:匿名|实名)?(?:投诉|举报|反映|反应|反馈|报修|求助|建议|咨询|登记|说|报|提)(?:一下|下|个|一个|一件)?"
    r"(?:工单|问题|情况|事情|事儿?|诉求|意见|建议)?(?:吧|了|啊|呢)?[，,、：:。\s]*"
)
_EMPTY = re.compile(
    r"(?:我|们|你|您|想要?|要|需要|能不能|可以|可不可以|帮|请|给|登记|投诉|举报|反映|反应|反馈|报修|求助|建议|表扬|咨询"
    r"|工单|诉求|问题|情况|意见|事情|事儿?|一下|下|一个|一件|个|件|有|点|说|报|提|建|开|吗|吧|呢|了|啊|的|好|行|是|嗯|呃"
    r"|[，,。、！？!?\s])+"
)
_ANNOUNCEMENT = re.compile(
    r"(?:我|那|还|再|想|要|有|另外|别的|其他|一|个|件|些|点|下|儿|请|麻烦|跟您?|向您?|先|就|来|打听|吧|呢|啊|的|了)*"
    r"(?:问|咨询|请教|反映|了解|问题|事情?|说)+(?:一|个|件|些|点|下|儿|问题|情况|事情?|想|要|问|说|咨询|吧|呢|啊|的)*"
)
_OURS = (("咱们", "我们"), ("俺们", "我们"), ("俺", "我"), ("咱", "我"))
_OWN = (
    "家|小区|单位|公司|学校|村|楼|院|厂|班|社区|街|店|妈|爸|父|母|爷|奶|儿|女|老公|老婆|爱人|妻|丈夫|孩子"
    "|房|车|邻居|隔壁|对面"
)
_THIRD = ((rf"我们?的?(?={_OWN})", "其"), ("我自己", "来电人本人"), ("我们?", "来电人"))
_SECOND = (("我们?", "您"),)
_LOOSE = re.compile(r"^(?:从|在|于|的|里|是|就|位于)+|(?:从|在|于|位于)+$")
_MANNER = re.compile(r"(?:我)?(?:要|想|请)?(?:求)?(?:匿名|保密)(?:举报|投诉|处理|一下)?")
_LEAD = re.compile(r"^(?:我们?|咱们?|俺们?)(?:这里|这边|这儿|那里|那边|那儿|的)?(?=.{3})")
_UNTOUCHED = re.compile(r"自我|我国|我市|我省")


def plain(text: str) -> str:
    """Without fillers and without the announcement that a demand follows (我想反映一下…)."""
    text = _unfilled(text.strip())
    rest = _unfilled(_INTENT.sub("", text, count=1))
    return (rest if len(rest) >= 3 else text).strip("，,、。！？!? \n")


def _unfilled(text: str) -> str:
    before = ""
    while before != text:
        before, text = text, _FILLER.sub("", text, count=1)
    return text


def has_substance(text: str) -> bool:
    """False for an announcement alone (我要投诉, 帮我登记一下)."""
    return _EMPTY.fullmatch(plain(text)) is None and len(plain(text)) >= 3


def is_announcement(text: str) -> bool:
    """A matter is about to come, and nothing else is said (还有一个问题)."""
    return _ANNOUNCEMENT.fullmatch(text.strip("，,。！？!? ")) is not None


def _turned(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    kept: list[str] = []

    def hide(match: re.Match[str]) -> str:
        kept.append(match.group())
        return "\0"

    text = _UNTOUCHED.sub(hide, text)
    for old, new in (*_OURS, *pairs):
        text = re.sub(old, new, text)
    for word in kept:
        text = text.replace("\0", word, 1)
    return text


def third_person(text: str) -> str:
    """For the ticket: the caller is 来电人.

    >>> third_person("我家楼下的路灯坏了")
    '其家楼下的路灯坏了'
    """
    return _turned(text, _THIRD)


def second_person(text: str) -> str:
    """For the read-back: the caller is 您."""
    return _turned(text, _SECOND)


def without(text: str, details: tuple[str, ...]) -> str:
    """The matter alone, without place and time that are told beside it.

    >>> without("昨天晚上幸福小区的路灯坏了", ("幸福小区", "昨天晚上"))
    '路灯坏了'
    """
    kept = []
    for clause in re.split(r"[，,、。；\s]+", text):
        rest = clause
        for detail in details:
            rest = rest.replace(detail, "") if detail else rest
        rest = _LOOSE.sub("", rest)
        emptied = rest != clause and len(rest) < 3
        if rest and not emptied and not _MANNER.fullmatch(rest):
            kept.append(rest)
    rest = "，".join(kept)
    return rest if len(rest) >= 3 else text


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut between clauses where that keeps at least a third."""
    if len(text) <= limit:
        return text
    cut = max(text.rfind(mark, 0, limit + 1) for mark in "，,。；、")
    return text[:cut] if cut >= limit // 3 else text[:limit]


def title(what: str, address: str) -> str:
    """Title of a ticket, at most 30 characters: place and trouble."""
    place = address if len(address) <= TITLE_LENGTH // 2 else ""
    text = third_person(_LEAD.sub("", without(plain(what), (place,)))) or "来电诉求"
    if "小区" in place:
        text = text.removeprefix("小区")
    return place + shorten(text, TITLE_LENGTH - len(place))


def content(verb: str, what: str, details: tuple[tuple[str, str], ...]) -> str:
    """The note of a ticket: what the caller said (`verb`: 反映, 咨询 …), then the (label, value)
    pairs it does not hold."""
    text = third_person(plain(what)) or "未说明具体事项"
    missing = [f"{label}：{value}" for label, value in details if value and value not in text]
    return "。".join([f"来电人{verb}：{text}", *missing]) + "。"
