"""The labelled set of `bench turns`: who speaks, over what, and what a polite listener would do."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from voicebot.cli.benches.caller import Line
from voicebot.cli.benches.phone import Echo

VOICES: Final = ("zm_yunxi", "zf_xiaobei")
SLOW: Final = 0.7
"""Speaking rate of the elders."""


class Kind(StrEnum):
    """What is tested. The first group is said into our silence, the second over our voice."""

    QUESTION = "question"
    PAUSE = "pause"
    HESITATION = "hesitation"
    DICTATION = "dictation"
    ELDER = "elder"
    NOISE = "noise"
    BACKCHANNEL = "backchannel"
    INTERRUPTION = "interruption"
    DOUBLE_TALK = "double_talk"
    ECHO = "echo"
    NOISE_ALONE = "noise_alone"


ASKED: Final = (Kind.QUESTION, Kind.PAUSE, Kind.HESITATION, Kind.DICTATION, Kind.ELDER, Kind.NOISE)
TAKES_FLOOR: Final = (Kind.INTERRUPTION, Kind.DOUBLE_TALK)
"""Here we must stop; in the other kinds over our voice we must not."""


@dataclass(frozen=True, slots=True)
class Case:
    """One call.

    Args:
        before: typed by the caller first, so that we expect what the case needs.
        line: what is said; None for a caller who only listens.
        snr: the surroundings' noise, in dB below the speech.
        babble: those surroundings are people talking, else pink noise.
        cough: a cough instead of words.
    """

    kind: Kind
    name: str
    line: Line | None = None
    before: tuple[str, ...] = ()
    echo: Echo | None = None
    snr: float = 25.0
    babble: bool = False
    cough: bool = False


QUESTIONS: Final = (
    "灵活就业人员|怎么交社保",
    "老年证|去哪里办",
    "营业执照丢了|怎么补办",
    "公积金贷款|最多能贷多少",
    "新生儿医保|怎么参保",
    "港澳通行证|多少钱",
    "二手车过户|要什么材料",
    "我想问一下|户口迁移怎么办",
    "异地高考|有什么条件",
    "楼上装修太吵了|晚上还在施工",
    "小区门口的路灯坏了|好几天没人修",
    "自来水发黄|怎么回事",
    "公交车司机|态度很不好",
    "饭店没有发票|我要投诉",
    "垃圾好几天没有清理|味道很大",
    "生育津贴|什么时候发",
    "高龄补贴|怎么领",
    "退休年龄|现在是多少",
    "工资拖欠三个月了|应该找谁",
    "身份证丢了|能不能异地补办",
    "马路上有个井盖没有了|很危险",
    "孩子上小学|怎么报名",
    "暖气一直不热|什么时候能修",
    "我要查一下|我的工单办得怎么样了",
)
HESITATIONS: Final = (
    "那个|我想问一下那个|居住证怎么办",
    "我想问一下就是|就是那个|医保怎么报销",
    "喂你好|嗯我想反映一个事|我们小区停水了",
    "那个什么|社保卡丢了|怎么补办",
    "就是我家楼下|每天晚上都有人跳广场舞|然后声音特别大",
    "请问一下|嗯|公积金怎么提取",
    "我是想说|我妈八十岁了|有没有高龄补贴",
    "然后呢|我还想问一下|护照怎么办",
    "你好|我这边|有个路灯坏了",
    "嗯怎么说呢|就是那个公司|一直不给我发工资",
)
DICTATED: Final = (
    (("我们小区路灯坏了",), "人民路|一百二十八号|翠湖花园三号楼"),
    (("我们小区路灯坏了",), "望江区|解放大道|六十六号"),
    (("我们小区路灯坏了",), "幸福小区|五栋|二单元门口"),
    (("我们小区路灯坏了",), "就在中山路|和建设路|交叉口那里"),
    (("我们小区路灯坏了", "翠湖花园东门"), "一三八|零零一三|八零零零"),
    (("我们小区路灯坏了", "翠湖花园东门"), "一三九|二二四五|六六七八"),
    (("我们小区路灯坏了", "翠湖花园东门"), "幺八六|五三二一|零九八七"),
    (("我们小区路灯坏了", "翠湖花园东门"), "我的电话是|一五二|三六九八|一四七零"),
    (("查一下我的工单",), "二零二六|一一二四|零零零零七二"),
    (("查一下我的工单",), "零零|零一|三五"),
)
ELDERS: Final = (
    "我的养老金|这个月|怎么还没有到账",
    "我今年八十了|高龄补贴|怎么领",
    "我家里停水了|三天了|没有人管",
    "老年公交卡|在哪里|可以办",
    "我想问一问|医保|怎么报销",
    "楼道里的灯|坏了|我看不见走路",
    "我要找人|帮我|修一下水管",
    "低保户|看病|有没有优惠",
)
BACKCHANNELS: Final = ("嗯", "好", "对", "哦", "嗯嗯", "好的", "对对对", "是的", "哦这样啊", "行")
INTERRUPTIONS: Final = (
    "等一下",
    "不是这个意思",
    "我要转人工",
    "那需要带什么材料",
    "不对不对，我问的是医保卡",
    "停停停",
    "你再说一遍",
    "我不是问这个",
    "可以网上办吗",
    "算了，我要投诉",
    "那多少钱",
    "你等一等，我拿笔记一下",
)
BROKEN: Final = (
    "等一下|我想问别的",
    "不对|我问的是医保卡",
    "低保|怎么申请",
    "那护照|怎么办",
    "停|我不想听这个",
    "我想问|要多少钱",
)
"""Interruptions with a pause inside."""
ANSWERED: Final = ("社保卡丢了怎么补办", "公积金租房怎么提取", "护照怎么办", "居住证怎么办理")
"""Questions with long answers, to be interrupted."""


def cases(seed: int) -> Iterator[Case]:
    """All of them; levels, pauses and voices drawn from `seed`."""
    random = np.random.default_rng(seed)

    def line(text: str, low: float = 0.3, high: float = 1.2, *, rate: float = 1.0) -> Line:
        pauses = tuple(float(random.uniform(low, high)) for _ in range(text.count("|"))) if high else ()
        level, voice = float(random.uniform(-30, -10)), str(random.choice(VOICES))
        return Line(text, pauses, level, rate, voice, snr=None)

    def over(text: str) -> Line:
        return Line(text, (), float(random.uniform(-26, -10)), 1.0, str(random.choice(VOICES)), snr=None)

    for text in QUESTIONS:
        yield Case(Kind.QUESTION, text, line(text, high=0))
        yield Case(Kind.PAUSE, text, line(text))
    for text in HESITATIONS:
        yield Case(Kind.HESITATION, text, line(text, 0.4, 1.2))
    for before, text in DICTATED:
        yield Case(Kind.DICTATION, text, line(text, 0.3, 0.9), before)
    for text in ELDERS:
        yield Case(Kind.ELDER, text, line(text, 0.5, 1.2, rate=SLOW))
    for i, text in enumerate(QUESTIONS[:12]):
        snr, babble = ((15.0, False), (5.0, False), (15.0, True))[i % 3]
        yield Case(Kind.NOISE, text, line(text, high=0), snr=snr, babble=babble)
    for i, text in enumerate((*BACKCHANNELS, *BACKCHANNELS[:6])):
        yield Case(Kind.BACKCHANNEL, text, over(text), (ANSWERED[i % 4],))
    for i in range(4):
        yield Case(Kind.BACKCHANNEL, "cough", over("咳"), (ANSWERED[i],), cough=True)
    for i, text in enumerate(INTERRUPTIONS):
        yield Case(Kind.INTERRUPTION, text, over(text), (ANSWERED[i % 4],))
    for i, text in enumerate(INTERRUPTIONS[:8]):
        echo = Echo(-20.0, float(random.uniform(0.08, 0.3)))
        yield Case(Kind.DOUBLE_TALK, text, over(text), (ANSWERED[i % 4],), echo)
    for i in range(10):
        echo = Echo((-20.0, -10.0)[i % 2], float(random.uniform(0.08, 0.3)))
        yield Case(Kind.ECHO, f"{echo.gain:.0f} dB", None, (ANSWERED[i % 4],), echo)
    for i in range(4):
        yield Case(Kind.NOISE_ALONE, "babble", None, (ANSWERED[i % 4],), snr=(15.0, 5.0)[i % 2], babble=True)
    for i, text in enumerate(BROKEN):
        level, voice = float(random.uniform(-26, -10)), str(random.choice(VOICES))
        said = Line(text, (float(random.uniform(0.3, 1.2)),), level, 1.0, voice, snr=None)
        yield Case(Kind.INTERRUPTION, text, said, (ANSWERED[i % 4],))
