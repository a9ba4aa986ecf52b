"""Slots other than places: time, object, phone, ticket number, score, wishes, name."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from voicebot.core.demand import TicketRequest
from voicebot.core.meaning import Slot
from voicebot.core.utterance import Expect, ExpectKind
from voicebot.language.dates import find_times
from voicebot.language.numbers import DigitRun, digit_runs
from voicebot.understanding.matcher import Hit, Hits
from voicebot.understanding.reading import Reading

MOST_CHARACTERS: Final = 1000
TICKET_DIGITS: Final = 14
REQUEST_WORDS: Final = {
    TicketRequest.WITHDRAW: 0.95,
    TicketRequest.OBJECTION: 0.9,
    TicketRequest.SUPPLEMENT: 0.9,
    TicketRequest.URGE: 0.95,
    TicketRequest.STATUS: 0.1,
}
"""What a word of the lexicon counts beside the probability by the examples; the rarer wish counts more."""
LEAST_REQUEST: Final = 0.3
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_LANDLINE: Final = re.compile(r"0\d{2,3}[2-9]\d{6,7}")
_LOCAL: Final = re.compile(r"[2-9]\d{6,7}")
_TAIL: Final = re.compile(
    r"(?:尾号|末尾|后[三四五六3-6]位|最后[三四五六几3-6]位|尾数)(?:数?是|为|号码?是?)?\s*"
)
_ABOUT_PHONE: Final = re.compile(r"电话|手机|号码|联系|打给|回电|座机")
_ABOUT_TICKET: Final = re.compile(r"工单|单号|编号|单子|受理号|查一?下?$")
_NAME: Final = re.compile(
    r"(?:我叫|我的名字叫?|我姓名是|名字是|名字叫|姓名是?|孩子叫|老人叫|报修人|联系人|登记人|我是(?=[\u4e00-\u9fff]{2,4}(?:先生|女士|$)))\s*是?"
    r"((?:欧阳|上官|司马|诸葛|司徒|东方|[\u4e00-\u9fff])[\u4e00-\u9fff]{1,2}?)"
    r"(?=$|[^\u4e00-\u9fff]|先生|女士|电话|手机|联系|反映|反应|投诉|举报|咨询|住|家|的|我|要|想|他|是|在|来|说|今|昨|这|那|就|号|幺|一)"
)
_SURNAME: Final = re.compile(
    r"(?:免贵|我|本人)姓(欧阳|上官|司马|诸葛|司徒|东方|[\u4e00-\u9fff])"
    r"(?=$|[^\u4e00-\u9fff]|的|先生|女士|叫|电话|手机|联系|住|家|我|是|在|想|要|反映|投诉|举报)"
)
_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤欧阳"
)
_FIRM_ENDS: Final = (
    "有限公司|物业公司|装修公司|劳务公司|快递公司|燃气公司|公司|集团|物业|超市|饭店|酒楼|酒家|餐厅|饭馆|火锅店|火锅|烧烤店|烧烤|面馆|饺子馆|鱼头馆|奶茶店|奶茶"
    "|健身房|健身|美容院|理发店|美发|养生馆|棋牌室|麻将馆|足浴|KTV|ktv|酒吧|网吧|网咖|培训班|培训机构|培训|教育|托管|英语|驾校|幼儿园|学校|小学|中学|医院|诊所|牙科|口腔|大药房|药房|药店"
    "|旅行社|养老院|4s店|工厂|化工厂|砖厂|塑料厂|电子厂|服装厂|机械厂|炮厂|加工厂|养猪场|养鸡场|养殖场|废品站|收购站|门诊|工地|售楼处|房产|地产|置业|中介|家政|装饰|装潢|建材|建筑|科技|快递|速递|配送|农资店|商行|门市部|公证处|登记中心|服务站"
)
_FIRM: Final = re.compile(rf"([\u4e00-\u9fff]{{2,10}}?(?:{_FIRM_ENDS})(?:公司|店)?)")
_FIRM_CUT: Final = re.compile(
    r".*(?:投诉|举报|反映|那个|这个|我们|他们|我家|一家|这家|那家|有家|有个|旁边|附近|对面|隔壁|楼下|门口|老板|一下|顺便|昨天|今天|反正|开的|买的|做的"
    r"|叫|在|的|了|被|跟|和|去|是|从|给|我|到|把|有|说|想|要|让|问|号|楼|栋|路|街|不|用|没|找|会|送|办|干|读|上|个|家|区|市|都|还|着|过|这|那|哪|什|么|好)"
)
_PLATE: Final = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][a-z][a-z0-9零〇洞一幺二两三四五六七拐八九]{5,6}"
)
_NO_TIME: Final = frozenset({"现在", "天天", "经常", "刚才", "刚刚", "最近", "整天"})
"""Said alone these tell the desk nothing about when."""
_N: Final = "[零一二两三四五六七八九十百千万亿几]"
_AMOUNT: Final = re.compile(
    rf"(?:\d+(?:\.\d+)?|(?!一块(?![钱零一二三四五六七八九])){_N}+)(?:多|来)?[万千百]?(?:多)?"
    rf"(?:块钱|块[一二三四五六七八九](?![个家次天年]|百|千)|块|元钱|元|万块)"
    rf"|(?:\d+|{_N}+)[万千百](?:[一二三四五六七八九]|多)?(?:[万千百](?:[一二三四五六七八九]|多)?)*(?=$|[^\u4e00-\u9fff]|呢|了|我|的|没|不|都|到|能|押金|定金)"
)
"""Money: with its unit, or a round number (三万二, 六千多) that nothing else is counted by."""


def find_details(reading: Reading, hits: Hits, expect: Expect, now: datetime | None) -> Mapping[str, Slot]:
    """All slots except places and `request` (see `request_slot`)."""
    slots: dict[str, Slot] = {}
    plain = reading.plain[:MOST_CHARACTERS]
    times = [t for t in find_times(plain, now) if t.span not in _NO_TIME]
    if times:
        best = max(times, key=lambda t: (len(t.span), -t.start))
        slots["time"] = _slot(reading, best.start, best.end, best.value, 0.85)
    slots |= _numbers(reading, plain, expect)
    slots |= _flags(reading, hits)
    score = _score(reading, hits, expect)
    if score:
        slots["score"] = score
    name = _name(reading, plain, expect)
    if name:
        slots["name"] = name
    for key, pattern in (("plate", _PLATE), ("amount", _AMOUNT)):
        matches = list(pattern.finditer(plain))
        if matches:  # a plate that is said again is a correction
            match = matches[-1 if key == "plate" else 0]
            value = _plate(match[0]) if key == "plate" else match[0]
            slots[key] = _slot(reading, match.start(), match.end(), value.upper(), 0.8)
    return slots


def _plate(said: str) -> str:
    """云A五三七K九 → 云A537K9."""
    return said[:2] + "".join(digit_runs(c)[0].digits if digit_runs(c) else c for c in said[2:])


def _slot(reading: Reading, start: int, end: int, value: str, confidence: float) -> Slot:
    return Slot(value, reading.original[start:end], start, confidence)


def _numbers(reading: Reading, plain: str, expect: Expect) -> Iterable[tuple[str, Slot]]:
    """Phones and ticket numbers among the dictated digits."""
    for run in _phones_apart(plain):
        found = _number(run, plain, expect)
        if found:
            name, value, confidence = found
            yield name, _slot(reading, run.start, run.end, value, confidence)


def _phones_apart(plain: str) -> Iterable[DigitRun]:
    """The dictated runs; a mobile number is cut from a number that a comma parts from it."""
    for run in digit_runs(plain):
        said = plain[run.start : run.end]
        parts = [
            DigitRun(
                part.digits, run.start + piece.start() + part.start, run.start + piece.start() + part.end
            )
            for piece in re.finditer(r"[^,，。、]+", said)
            for part in digit_runs(piece[0])
        ]
        whole = [part for part in parts if _MOBILE.fullmatch(part.digits)]
        yield from parts if whole and len(parts) > 1 else [run]


def _number(run: DigitRun, plain: str, expect: Expect) -> tuple[str, str, float] | None:
    digits, before = run.digits, plain[: run.start][-12:]
    if len(digits) == TICKET_DIGITS and digits.startswith("20"):
        return "ticket_no", digits, 0.98
    mobile = _MOBILE.search(digits)
    if mobile and len(digits) <= 13:
        return "phone", mobile[0], 0.97
    if _LANDLINE.fullmatch(digits):
        return "phone", digits, 0.9
    about_ticket = _ABOUT_TICKET.search(before)
    if 3 <= len(digits) <= 13 and (_TAIL.search(before) or about_ticket) and not _ABOUT_PHONE.search(before):
        return "ticket_no", digits, 0.85
    if expect.kind is ExpectKind.DIGITS and 3 <= len(digits) <= TICKET_DIGITS:
        return "ticket_no", digits, 0.8
    if _LOCAL.fullmatch(digits) and (expect.kind is ExpectKind.PHONE or _ABOUT_PHONE.search(before)):
        return "phone", digits, 0.8
    return None


def _flags(reading: Reading, hits: Hits) -> Iterable[tuple[str, Slot]]:
    """保密, 匿名, 不用回访; a denial right before takes the wish back (不用保密)."""
    denials = [h for h in hits.get("detail/flag_denials", ()) if h.exact]
    for name in ("confidential", "anonymous", "no_callback"):
        for hit in hits.get(f"flag/{name}", ()):
            denied = any(0 <= hit.start - d.end <= 1 for d in denials)
            if hit.strength >= 0.7 and not denied:
                start, end = reading.starts[hit.start], reading.ends[hit.end - 1]
                yield name, _slot(reading, start, end, "true", 0.9)
                break


def _score(reading: Reading, hits: Hits, expect: Expect) -> Slot | None:
    """1 (very poor) to 5; a bare digit counts only when a score was asked for."""
    best: tuple[int, str, Hit] | None = None
    for value in "12345":
        for hit in hits.get(f"score/{value}", ()):
            size = hit.end - hit.start
            if hit.strength >= 0.7 and (best is None or size > best[0]):
                best = (size, value, hit)
    if best:
        start, end = reading.starts[best[2].start], reading.ends[best[2].end - 1]
        return _slot(reading, start, end, best[1], 0.9)
    if expect.kind is ExpectKind.SCORE:
        for unit, char in enumerate(reading.chars):
            value = {"一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5"}.get(char, char)
            if value in ("1", "2", "3", "4", "5"):
                return _slot(reading, reading.starts[unit], reading.ends[unit], value, 0.8)
    return None


def _name(reading: Reading, plain: str, expect: Expect) -> Slot | None:
    match = _NAME.search(plain)
    if match and match[1][0] in _SURNAMES:
        return _slot(reading, match.start(1), match.end(1), match[1], 0.85)
    match = _SURNAME.search(plain)
    if match and match[1][0] in _SURNAMES:
        return _slot(reading, match.start(1), match.end(1), match[1], 0.8)
    if expect.kind is ExpectKind.NAME:
        bare = plain.strip(" ，,。").removesuffix("先生").removesuffix("女士").removesuffix("同志")
        if 1 <= len(bare) <= 4 and bare[0] in _SURNAMES:
            start = plain.index(bare)
            return _slot(reading, start, start + len(bare), bare, 0.7)
    return None


def request_slot(reading: Reading, hits: Hits, learned: Mapping[TicketRequest, float]) -> Slot:
    """What is asked of an existing ticket, by words of the lexicon and by the examples; its state when
    neither says more.

    Args:
        learned: request → probability by the examples.
    """
    words = {
        request: next((hit for hit in hits.get(f"request/{request}", ()) if hit.strength >= 0.7), None)
        for request in TicketRequest
    }
    worth = {
        request: learned.get(request, 0.0) + (REQUEST_WORDS[request] if words[request] else 0.0)
        for request in TicketRequest
    }
    best = max(worth, key=lambda request: worth[request])
    hit = words[best]
    if worth[best] < LEAST_REQUEST:
        return Slot(TicketRequest.STATUS.value, "", -1, 0.5)
    if hit is None:
        return Slot(best.value, "", -1, round(min(0.95, worth[best]), 2))
    start, end = reading.starts[hit.start], reading.ends[hit.end - 1]
    return _slot(reading, start, end, best.value, 0.85)


def find_object(reading: Reading, things: Sequence[Hit], address: Slot | None) -> Slot | None:
    """被反映对象: a firm called by its name, else the thing that the trouble is about."""
    plain = reading.plain[:MOST_CHARACTERS]
    for match in _FIRM.finditer(plain):
        start = match.start()
        cut = _FIRM_CUT.match(match[1])
        start += cut.end() if cut else 0
        name = plain[start : match.end()]
        inside = address is not None and address.start <= start < address.start + len(address.span)
        if len(name) > 3 and not inside:
            return _slot(reading, start, match.end(), name, 0.75)
    outside = [
        hit
        for hit in things
        if hit.strength >= 0.55
        and not (
            address is not None
            and address.start <= reading.starts[hit.start]
            and reading.ends[hit.end - 1] <= address.start + len(address.span)
        )
    ]
    if not outside:
        return None
    best = max(outside, key=lambda h: (h.end - h.start, h.strength, -h.start))
    start, end = reading.starts[best.start], reading.ends[best.end - 1]
    return _slot(reading, start, end, best.phrase, round(0.6 + 0.3 * best.strength, 2))
