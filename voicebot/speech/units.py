"""What numbers count: measure words and units, and when 2 is 两."""

import re
from typing import Final

from voicebot.speech.numerals import number

_SYMBOLS: Final = {
    "km/h": "公里每小时", "m/s": "米每秒", "mg/L": "毫克每升", "μg/m³": "微克每立方米",
    "m³/h": "立方米每小时",
    "km²": "平方公里", "㎡": "平方米", "m²": "平方米", "m2": "平方米", "m³": "立方米", "m3": "立方米",
    "km": "公里", "cm": "厘米", "mm": "毫米", "kg": "公斤", "mg": "毫克", "mL": "毫升", "ml": "毫升",
    "kWh": "千瓦时", "kW": "千瓦", "kV": "千伏", "dB": "分贝", "db": "分贝", "℃": "摄氏度", "°C": "摄氏度",
    "MPa": "兆帕", "Mbps": "兆", "GB": "吉字节", "MB": "兆字节", "min": "分钟", "m": "米", "g": "克",
    "L": "升", "V": "伏", "W": "瓦", "h": "小时", "s": "秒", "t": "吨",
}  # fmt: skip
_WORDS: Final = re.split(
    r"\s+",
    "平方公里 平方千米 平方米 立方米 平米 公里 千米 厘米 毫米 公斤 千克 毫升 摄氏度 分贝 千瓦时 千瓦 分钟 "
    "小时 个工作日 工作日 个月 周岁 星期 万元 亿元 万人 万户 元 角 块 毛 人 个 位 次 天 周 年 岁 名 张 份 "
    "条 件 家 户 间 套 米 克 吨 升 度 秒 倍 种 项 类 辆 台 只 头 棵 盏 处 起 批 部 门 本 页 句 步 遍 瓶 箱 "
    "袋 桶 组 届 万 亿 支 根 把 扇 幅 场 趟 站 斤 两 亩 里 层 分 楼 号 栋 幢 单元 座 级 月 日 点 期 路 线 班 "
    "室 排 环 区 夜 晚 所 双 副 盒 顿 杯 片 粒 封 篇 段 笔 宗 成 学期 学年 千",
)
ORDINAL: Final = frozenset(["单元", *"层楼号栋幢座级月日期路线班室排环区里两度"])
"""After these a number is a name or a place in a row, so 2 stays 二; 二两 for the ear."""


def _either(words: list[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


UNITS: Final = _either(list(_SYMBOLS))
"""Pattern of unit symbols."""
AREAS: Final = "㎡|km²|m²|m³"
"""Pattern of symbols that are units without a number before them too."""
MEASURES: Final = _either(_WORDS)
"""Pattern of measure words."""
_TOO_COMMON: Final = frozenset("起处部站分名只把本条门头成段晚所双")
"""Measure words that more often begin another word (12345只能, 110处警)."""
COUNTED: Final = _either([w for w in _WORDS if w not in ORDINAL | _TOO_COMMON])
"""Pattern of measure words that make a short number like 120 a quantity."""


def unit(symbol: str) -> str:
    """A unit or measure word as said."""
    return _SYMBOLS.get(symbol, symbol)


def quantity(text: str, measure: str) -> str:
    """The number before `measure`: ``2`` is 两 before most of them."""
    bare = text.lstrip("0")
    return "两" if bare == "2" and measure not in ORDINAL else number(text)
