"""Words that decide between two things of the same meaning. Used on top of understanding, never
instead of it."""

import re

GAS = re.compile(r"煤气|燃气|天然气|液化气|瓦斯|沼气")
SUICIDE = re.compile(
    r"自杀|轻生|不想活|活不下去|活够了|想死|去死|寻死|寻短见|跳楼|跳河|跳桥|割腕|喝农药|安眠药|结束生命"
)
UNSOLVED = re.compile(
    r"没(?:有)?解决|没用|不管用|不是这个|不是我(?:要|想)?问的|答非所问|没听懂|还是不(?:行|懂|明白|清楚)|解决不了"
)
MORE = re.compile(r"详细|具体|再多说|多说|展开|还有呢|然后呢|接着说")
ASPECTS = (
    ("materials", re.compile(r"材料|证件|手续|带(?:什么|啥|哪些)|要(?:什么|啥|哪些)|准备(?:什么|啥|哪些)")),
    ("cost", re.compile(r"多少钱|收费|费用|要钱|花钱|免费")),
    ("time", re.compile(r"多久|几天|多长时间|多少天|什么时候能")),
    ("where", re.compile(r"在哪|去哪|到哪|哪里办|哪儿办|地点|地址|网点|窗口")),
    ("steps", re.compile(r"流程|步骤|怎么办理|怎么弄|怎么操作|先.*再")),
)
"""Follow-ups about the article in focus; the first that fits."""
NOT_KNOWN = re.compile(
    r"不知道|不清楚|不记得|记不得|忘了|不晓得|说不上|没有地址|不方便|跳过|不(?:想)?留|不给|没有电话|不用(?:说)?了|不想说|没有$|^无$"
)
UNWILLING = re.compile(r"不(?:用|想|要|愿意|方便)?(?:评|打)|不用|算了|没空|没时间|懒得")
SUPPLEMENT = re.compile(r"补充(?:一下|说明|一点|个情况|内容)*(?:是|的是)?[，,：:\s]*(.{4,})$")

REGISTER = re.compile(r"(?:那|就|好|请|麻烦|我|还是|想|要)*(?:帮我|给我|替我)?登记(?:一下|下|吧|上)*")
"""A ticket about what was just talked of."""
THANKS = re.compile(r"谢谢|多谢|感谢|辛苦")
TIME = re.compile(
    r"[天日月年周点早晚午夜晨今昨前刚现]|星期|礼拜|小时|分钟|最近|一直|经常|每|总是|长期|开始|以来|之后|期间|好久|假|节"
)
"""Words of time; anything without them is no answer to when."""
VAGUE_PLACE = re.compile(
    r"(?:就|在|是|我们?|咱们?|自己|家|这|那|里|边|儿|楼|道|下|上|面|门|口|附近|旁边|对面|外|院|小区|单位|公司|学校|村"
    r"|头|底|跟前|的|啊|呢|吧)+"
)
"""A place that only the caller can find (楼道里, 我家门口)."""

ELDERLY = re.compile(
    r"我(?:都|今年|已经)*(?:年纪|岁数|年龄)(?:也|都)?(?:大|高)|我(?:的)?耳朵?(?:有点儿?|不太)?(?:背|聋|不好|不行)|我(?:都|今年|快)*[七八九]十"
    r"(?:多|几|[一二三四五六七八九])?岁?了?|我是(?:个)?(?:老人|老年人|老头|老太太|老太婆)"
)
"""Callers who say that they are old or hard of hearing (not that somebody else is)."""

SHORT = 10
"""A follow-up is short; a longer sentence with the same word is a new question."""


def aspect_of(text: str) -> str:
    """Which follow-up a short question is, "" when none."""
    return next((aspect for aspect, words in ASPECTS if words.search(text)), "")


DANGERS = (
    ("110", "fraud", re.compile(r"骗|诈|转账|汇款|打钱")),
    ("110", "violence", re.compile(r"打|刀|砍|杀|抢|枪|砸|撬|闯|跟踪|尾随|家暴|绑|威胁|歹徒|闹事|掐|强奸")),
    ("119", "gas", GAS),
    ("119", "lift", re.compile(r"电梯")),
    ("119", "fire", re.compile(r"火|烟|烧|燃|爆炸")),
)
"""(number, danger, words): which safety line fits; the first that does."""


def danger(number: str, text: str) -> str:
    """Which safety line fits: a name of `DANGERS`, ``suicide``, or the emergency number itself."""
    if SUICIDE.search(text):
        return "suicide"
    return next((name for line, name, words in DANGERS if line == number and words.search(text)), number)
