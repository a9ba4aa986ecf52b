"""Written Chinese → what is said: every digit, letter and sign as hanzi, ready for any voice."""

import re
from typing import Final

from voicebot.speech.letters import spell_all
from voicebot.speech.rules import RULES

VERSION: Final = "1"
"""Part of the cache key: raise it when a rule changes a reading."""

_FULL_WIDTH: Final = {
    code: code - 0xFEE0
    for first, last in (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"))
    for code in range(ord(first), ord(last) + 1)
} | {
    ord(wide): narrow for wide, narrow in zip("％＋－／＃＊＝＆＠．〇￥\u3000", "%+-/#*=&@.零¥ ", strict=True)
}

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
    said = text.translate(_FULL_WIDTH)
    for pattern, reading in RULES:
        said = pattern.sub(reading, said)
    said = spell_all(said)
    for sign, word in _SIGNS:
        said = sign.sub(word, said)
    said = _SILENT.sub("", said)
    said = _RUN.sub(lambda run: min(run.group(), key=_MARKS.index), said)
    return said.lstrip(_MARKS)
