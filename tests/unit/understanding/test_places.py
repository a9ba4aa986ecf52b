"""Addresses: unknown names by their structure, relative places, corrections, spoiled characters."""

import pytest

from voicebot.understanding import Understander


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("楼上漏水把我家淹得一塌糊涂双枫坊十二栋四零二", "双枫坊十二栋四零二"),
        ("我住在枫桥雅筑六号楼二单元十八零三停水了", "枫桥雅筑六号楼二单元十八零三"),
        ("麻烦看一下玉屏路和松陵街交叉口那个红绿灯", "玉屏路和松陵街交叉口"),
        ("石榴岭村五组那条路全是泥", "石榴岭村五组"),
        ("云鹤小学西门外头车乱停", "云鹤小学西门外头"),
        ("凤鸣路口的井盖坏了", "凤鸣路口"),
        ("桃园小区站的站牌倒了", "桃园小区站"),
        ("清河大桥底下有人倒垃圾", "清河大桥底下"),
        ("玉屏路嗯玉屏路二百零六号门前的树要倒了", "玉屏路二百零六号门前"),
        ("我在玉屏路说错了是松陵街九号下水道堵了", "松陵街九号"),
        ("太阳河小区三栋停电", "太阳河小区三栋"),
        ("环城北路往云江北站那边有个大坑", "环城北路"),
        ("翠湖路老药厂后头那片空地有人烧垃圾", "翠湖路老药厂后头那片空地"),
        ("幸福里七栋后头那条沟臭", "幸福里七栋后头那条沟"),
    ],
)
def test_address(understander: Understander, text: str, span: str) -> None:
    slot = understander.understand(text).slots["address"]
    assert slot.span == span
    assert text[slot.start : slot.start + len(span)] == span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("我住云鹤小去三栋停电了", "云鹤小去三栋"),
        ("翠湖路十八毫停水", "翠湖路十八毫"),
        ("崔湖路十八号停水", "崔湖路十八号"),
    ],
)
def test_recogniser_errors_do_not_move_the_edges(understander: Understander, text: str, span: str) -> None:
    slot = understander.understand(text).slots["address"]
    assert slot.span == span
    assert slot.value in ("云鹤小区3栋", "翠湖路18号")


@pytest.mark.parametrize(
    "text",
    [
        "路上车太多了真是烦死了",
        "夜里太吵了",
        "另外路灯也坏了",
        "孩子在外地能在这边上小学吗",
        "刚才那张单子里没写清楚",
        "坐五路车要多久",
        "去大医院看病怎么报销",
        "高速公路堵车了怎么办",
    ],
)
def test_no_address(understander: Understander, text: str) -> None:
    assert "address" not in understander.understand(text).slots
