"""Latin letters as hanzi that sound like their names: the local voice has no others."""

import re
from typing import Final

_NAMES: Final = {
    "A": "诶", "B": "必", "C": "西", "D": "弟", "E": "衣", "F": "艾弗", "G": "寄", "H": "艾尺", "I": "爱",
    "J": "杰", "K": "开", "L": "艾乐", "M": "艾姆", "N": "恩", "O": "欧", "P": "批", "Q": "扣", "R": "阿尔",
    "S": "艾丝", "T": "踢", "U": "优", "V": "微", "W": "达不溜", "X": "艾克斯", "Y": "歪", "Z": "贼德",
}  # fmt: skip
_WORDS: Final = {
    "wifi": "无线网",
    "wi-fi": "无线网",
    "email": "电子邮件",
    "ok": "欧开",
    "vs": "对",
}
_LATIN: Final = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")


def spell(word: str) -> str:
    """A word or an abbreviation: known words in Chinese, others letter by letter."""
    return _WORDS.get(word.lower()) or "".join(_NAMES.get(c.upper(), "") for c in word)


def spell_all(text: str) -> str:
    """`text` with every Latin word spelled."""
    return _LATIN.sub(lambda m: spell(m.group()), text)
