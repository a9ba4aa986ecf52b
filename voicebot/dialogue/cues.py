"""Words that decide between two things of the same meaning. Used on top of understanding, never
instead of it."""

import re

from voicebot.language.characters import is_word, plain

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
BARE_ASPECTS = (
    *ASPECTS,
    ("time", re.compile(r"啥时候|何时|当天|快不快|要等|几个工作日")),
    ("where", re.compile(r"(?:哪个|哪一个|什么|啥)(?:窗口|部门|地方|单位|网站)|找谁|找哪")),
    ("cost", re.compile(r"几块|收钱|掏钱|交钱|贵不贵")),
    ("steps", re.compile(r"怎么|咋|如何|步骤")),
)
"""The same in words that say so only where nothing else is said (具体怎么弄, 那要等吗)."""
_EMPTY = frozenset(
    "那这个它他的呢啊吗嘛呀吧了是要需还得我您你俺咱们请问就再都也能可以会有一般大概约到底总共具体体到去办理弄搞件事情下好成拿"
    "给来儿里想知道说讲麻烦然后呃嗯哦对行话样才该应又么"
)
"""Characters that name no matter."""


def bare_aspect(text: str) -> str:
    """Which follow-up a question is that names no matter of its own (那要带什么材料), "" when none."""
    left = text
    found = [(aspect, words) for aspect, words in BARE_ASPECTS if words.search(text)]
    for _, words in BARE_ASPECTS:
        left = words.sub("", left)
    return found[0][0] if found and not _named(left) else ""


def about(text: str, title: str) -> bool:
    """A follow-up names the matter once more (补办社保卡要多久): what it names is mostly in its title."""
    for _, words in BARE_ASPECTS:
        text = words.sub("", text)
    named = _named(text)
    return bool(named) and sum(char in title for char in named) >= SAME_MATTER * len(named)


SAME_MATTER = 0.75
"""Share of the characters that name a matter."""


def _named(text: str) -> str:
    """What is left of a text that may name a matter."""
    return "".join(char for char in plain(text) if is_word(char) and char not in _EMPTY)


SHORTER = re.compile(
    r"(?:短|简短|简单|简洁|精简|简略)(?:一)?(?:点|些)|(?:说|讲|挑|捡)(?:个|下|一下)?重点|长话短说|太(?:长|啰嗦|罗嗦)"
    r"|别(?:这么|那么)?(?:啰嗦|罗嗦)|简单(?:说|讲)|一句话(?:说|讲)|(?:少|短)(?:说|讲)(?:一)?(?:点|两句|几句)"
)
NEXT_PART = re.compile(
    r"(?:下|后|再下)(?:面)?(?:一)?(?:个|件|项|步|条)(?:事)?|接着(?:说|讲|来|往下)?|继续|往下(?:说|讲)|还有(?:什么|哪些|啥)?呢?|然后呢"
)
TEXT_ME = re.compile(
    r"(?:发|传)(?:个|条|到|给|送|一下|一条|一个)*(?:我|俺|咱)?(?:的|个|条|一条|一下|一个)*(?:手机|短信)"
    r"|(?:短信|手机上?)(?:再|也|直接|能不能|可不可以|可以|能)*(?:发|传)(?:个|给|到|一下|过来)*(?:我|俺)?"
)
_NO_WISH = re.compile(r"收|骗|骚扰|垃圾|验证码|别发|不要发|不用发|不发|对方|他|她|有人")


def wants_shorter(text: str) -> bool:
    """短一点, 说重点: nothing but that."""
    return SHORTER.search(text) is not None and len(_named(SHORTER.sub("", text))) <= 1


def wants_next_part(text: str) -> bool:
    return NEXT_PART.search(text) is not None and not _named(NEXT_PART.sub("", text))


def wants_text(text: str) -> bool:
    """The answer as a text message (发我短信), as opposed to talk about one."""
    found = TEXT_ME.search(text)
    return found is not None and len(text) <= TEXT_WISH and not _NO_WISH.search(text)


TEXT_WISH = 18
"""Longest wish for a message; longer sentences tell of one."""


def which(text: str, first: str, second: str) -> int | None:
    """Which of two titles is meant by words that only one of them has: 0, 1, None when it is not clear."""
    said = set(plain(text))
    own = [len(said & (set(a) - set(b) - _EMPTY)) for a, b in ((first, second), (second, first))]
    if own[0] == own[1] or min(own) * 2 > max(own):
        return None
    return int(own[1] > own[0])


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
