"""Written Chinese → what is said: every digit, letter and sign as hanzi, ready for any voice."""

import re
from typing import Final

from voicebot.language.numbers import spoken
from voicebot.speech.letters import spell_all
from voicebot.speech.rules import RULES

VERSION: Final = "3"
"""Part of the cache key: raise it when a rule changes a reading."""

_FULL_WIDTH: Final = {
    code: code - 0xFEE0
    for first, last in (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"))
    for code in range(ord(first), ord(last) + 1)
} | {
    ord(wide): narrow
    for wide, narrow in zip("％＋－−／＃＊＝＆＠．〇○￥＜＞≧≦\u3000", "%+--/#*=&@.零零¥<>≥≤ ", strict=True)
}
_LISTED: Final = {
    first + n: f"，{spoken(n + 1)}，"
    for first, count in ((0x2460, 20), (0x2474, 20), (0x2488, 20), (0x2776, 10), (0x3220, 10))
    for n in range(count)
}
"""①⑴⒈❶㈠: the number of a point, with a pause."""
_ROMAN: Final = {first + n: spoken(n + 1) for first in (0x2160, 0x2170) for n in range(12)}
_PARTS: Final = {ord("½"): "1/2", ord("⅓"): "1/3", ord("⅔"): "2/3", ord("¼"): "1/4", ord("¾"): "3/4"}
_MIXED: Final = re.compile(r"(?<=\d)(?=[½⅓⅔¼¾])")
_WRITTEN: Final = {**_FULL_WIDTH, **_LISTED, **_ROMAN, **_PARTS}

_SIGNS: Final = tuple(
    (re.compile(pattern), reading)
    for pattern, reading in (
        (r"#(?:号?键|号)?", "井号键"),
        (r"(?<=[按键输入])\s*\*(?:号?键|号)?|\*(?:号?键|号)", "星号键"),
        (r"&", "和"),
        (r"@", "艾特"),
        (r"\+", "加"),
        (r"=", "等于"),
        (r"[×]", "乘"),
        (r"±", "正负"),
        (r"≥", "大于等于"),
        (r"≤", "小于等于"),
        (r"<", "小于"),
        (r">", "大于"),
        (r"℃|°C", "摄氏度"),
        (r"(?<=[元角分次天月年人吨米])/(?=[\u4e00-\u9fff])", "每"),
        (r"[/|]", "、"),
        (r"\.{2,}|…+|—+|–+|→|[()（）\[\]【】〔〕,]", "，"),
        (r"(?<=[\u4e00-\u9fff])\.(?=[\u4e00-\u9fff])", "点"),
        (r"[.\n]", "。"),
        (r"!", "！"),
        (r"\?", "？"),
        (r";", "；"),
        (r":", "："),
        (r"(?<=[\u4e00-\u9fff])[-~～](?=[\u4e00-\u9fff])", "到"),
    )
)
_SILENT: Final = re.compile(r"[^\u4e00-\u9fff，。！？；：、]")
"""What has no sound: quotes, book marks, spaces, emoji."""
_MARKS: Final = "？！。；：，、"
"""Strongest first."""
_RUN: Final = re.compile(rf"[{_MARKS}]{{2,}}")


def verbalise(text: str) -> str:
    """`text` as it is to be spoken: hanzi and the marks ，。！？；：、 only; saying it twice changes nothing.

    Numbers one dials, ids and rooms are read digit by digit (幺), in groups with a short pause (、);
    quantities, dates, times, money, shares and units as people say them.
    """
    said = _MIXED.sub("又", text).translate(_WRITTEN)
    for pattern, reading in RULES:
        said = pattern.sub(reading, said)
    said = spell_all(said)
    for sign, word in _SIGNS:
        said = sign.sub(word, said)
    said = _SILENT.sub("", said)
    said = _RUN.sub(lambda run: min(run.group(), key=_MARKS.index), said)
    return said.lstrip(_MARKS)
