"""Addresses that are the same by ear."""

import pytest

from voicebot.cli.evaluation.places import letters, sound


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("翠湖路18号", "翠湖路十八号"),
        ("翠湖路18号", "崔胡路18号"),
        ("三号楼二单元五零一", "3号楼2单元501"),
        ("丽景嘉园8号楼", "丽景嘉元八号楼"),
        ("人民路两百零六号", "人民路206号"),
        ("A栋 一楼", "a栋1楼"),
    ],
)
def test_the_same(a: str, b: str) -> None:
    assert sound(a) == sound(b)


@pytest.mark.parametrize(
    ("a", "b"), [("翠湖路18号", "翠湖路80号"), ("石桥镇", "石坝镇"), ("翠湖路", ""), ("501", "5010")]
)
def test_not_the_same(a: str, b: str) -> None:
    assert sound(a) != sound(b)


def test_letters_leave_out_marks() -> None:
    assert letters("在，翠湖路　１８ 号。") == "在翠湖路18号"
