"""Toneless pinyin: recognition errs mostly in homophones, so everything is matched by sound too."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pypinyin import Style, lazy_pinyin
from pypinyin.seg.simpleseg import seg

from voicebot.language.characters import is_word, plain

LONGEST_TYPED_WORD: Final = 60
_INITIALS: Final = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")

_NEAR_INITIALS: Final[dict[frozenset[str], float]] = {
    frozenset(pair): cost
    for pair, cost in (
        (("z", "zh"), 0.15), (("c", "ch"), 0.15), (("s", "sh"), 0.15),
        (("n", "l"), 0.25), (("f", "h"), 0.3), (("l", "r"), 0.35), (("b", "p"), 0.5), (("d", "t"), 0.5),
        (("g", "k"), 0.5), (("j", "q"), 0.45), (("zh", "j"), 0.45), (("ch", "q"), 0.45), (("sh", "x"), 0.45),
        (("z", "c"), 0.5), (("zh", "ch"), 0.5), (("q", "x"), 0.5), (("h", "w"), 0.5),
    )
}  # fmt: skip
"""Cost of taking one initial for another: dialects (z/zh, n/l, f/h) first, telephone band after."""

_NEAR_FINALS: Final[dict[frozenset[str], float]] = {
    frozenset(pair): cost
    for pair, cost in (
        (("in", "ing"), 0.15), (("en", "eng"), 0.15), (("an", "ang"), 0.2), (("ian", "iang"), 0.25),
        (("uan", "uang"), 0.25), (("un", "ong"), 0.4), (("eng", "ong"), 0.35), (("o", "uo"), 0.1),
        (("e", "uo"), 0.4), (("o", "e"), 0.4), (("ie", "ue"), 0.4), (("ui", "ei"), 0.4), (("un", "en"), 0.4),
        (("ai", "ei"), 0.5), (("ao", "ou"), 0.5), (("iao", "iu"), 0.5), (("i", "u"), 0.5),
        (("an", "ai"), 0.5), (("ian", "ie"), 0.5),
        (("ang", "a"), 0.5), (("ia", "a"), 0.5), (("in", "en"), 0.5),
    )
}  # fmt: skip


_errors: Final[Any] = list
"""How pypinyin passes what has no sound: one by one (its type stub knows only text results)."""


@lru_cache(maxsize=65536)
def syllables(text: str) -> tuple[str, ...]:
    """Toneless syllables; other characters pass one by one, lower case, white space is dropped.

    >>> syllables("社保A卡")
    ('she', 'bao', 'a', 'ka')
    """
    compact = "".join(text.lower().split())
    return tuple(syllable for word in seg(compact) for syllable in _sounds_of(word))


@lru_cache(maxsize=65536)
def _sounds_of(word: str) -> tuple[str, ...]:
    """Syllables of one of pypinyin's words: nearly all its time goes into looking these up."""
    return tuple(lazy_pinyin(word, style=Style.NORMAL, errors=_errors, v_to_u=False, strict=False))


@lru_cache(maxsize=4096)
def split(syllable: str) -> tuple[str, str]:
    """Initial (may be empty) and final of one syllable: ``zhuang`` → ``("zh", "uang")``."""
    for initial in _INITIALS:
        if syllable.startswith(initial) and len(syllable) > len(initial):
            return initial, syllable[len(initial) :]
    return "", syllable


@lru_cache(maxsize=65536)
def distance(a: str, b: str) -> float:
    """How far apart two syllables sound, 0 (same) to 1 (nothing in common)."""
    if a == b:
        return 0.0
    (initial_a, final_a), (initial_b, final_b) = split(a), split(b)
    initial = 0.0 if initial_a == initial_b else _NEAR_INITIALS.get(frozenset((initial_a, initial_b)), 1.0)
    final = 0.0 if final_a == final_b else _NEAR_FINALS.get(frozenset((final_a, final_b)), 1.0)
    if initial == 1.0 and final == 1.0:
        return 1.0
    return min(1.0, 0.7 * initial + 0.7 * final)


@lru_cache(maxsize=4096)
def folded(syllable: str) -> str:
    """One name for a class of near sounds (z/zh, c/ch, s/sh, n/l, f/h, in/ing, en/eng, an/ang).

    >>> folded("shang") == folded("san")
    True
    """
    initial, final = split(syllable)
    initial = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "f": "h"}.get(initial, initial)
    if final.endswith(("ang", "eng", "ing")) and len(final) > 2:
        final = final[:-1]
    return initial + final


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a text that sounds like a phrase.

    Args:
        start, end: slice of the searched text.
        cost: mean distance a syllable, 0 (same sounds) to 1.
    """

    start: int
    end: int
    cost: float


def find(phrase: str, text: str, tolerance: float = 0.2) -> Found | None:
    """Best place in `text` that sounds like `phrase`, or None when all are worse than `tolerance`.

    Compares syllable by syllable over windows of the phrase's length (recognisers swap characters
    far more often than they drop them); the earliest of equally good places wins.

    Args:
        tolerance: largest mean distance a syllable.
    """
    wanted = syllables("".join(filter(is_word, plain(phrase))))
    places = [i for i, char in enumerate(plain(text)) if is_word(char)]
    heard = syllables("".join(plain(text)[i] for i in places))
    if not wanted or len(heard) != len(places):
        return None
    best: Found | None = None
    for first in range(len(heard) - len(wanted) + 1):
        cost = _mean_distance(wanted, heard[first : first + len(wanted)], tolerance)
        if cost <= tolerance and (best is None or cost < best.cost):
            best = Found(places[first], places[first + len(wanted) - 1] + 1, cost)
    return best


def _mean_distance(wanted: Sequence[str], heard: Sequence[str], tolerance: float) -> float:
    budget, total = tolerance * len(wanted), 0.0
    for a, b in zip(wanted, heard, strict=True):
        total += distance(a, b)
        if total > budget:
            return 1.0
    return total / len(wanted)


KNOWN_SYLLABLES: Final = frozenset(
    """
    a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce
    cen ceng cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun
    chuo ci cong cou cu cuan cui cun cuo da dai dan dang dao de den deng di dian diao die ding diu dong dou
    du duan dui dun duo e ei en eng er fa fan fang fei fen feng fiao fo fou fu ga gai gan gang gao ge gei
    gen geng gong gou gu gua guai guan guang gui gun guo ha hai han hang hao he hei hen heng hm hong hou hu
    hua huai huan huang hui hun huo ji jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai kan
    kang kao ke ken keng kong kou ku kua kuai kuan kuang kui kun kuo la lai lan lang lao le lei leng li lia
    lian liang liao lie lin ling liu lo long lou lu luan lun luo lv lve m ma mai man mang mao me mei men
    meng mi mian miao mie min ming miu mo mou mu n na nai nan nang nao ne nei nen neng ni nian niang niao
    nie nin ning niu nong nou nu nuan nun nuo nv nve o ou pa pai pan pang pao pei pen peng pi pian piao pie
    pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan que qun ran rang rao re ren
    reng ri rong rou ru rua ruan rui run ruo sa sai san sang sao se sen seng sha shai shan shang shao she
    shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si song sou su suan sui sun suo ta tai
    tan tang tao te teng ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng wo
    wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo yong
    you yu yuan yue yun za zai zan zang zao ze zei zen zeng zha zhai zhan zhang zhao zhe zhen zheng zhi
    zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo
    """.split()  # noqa: SIM905 (four hundred quoted strings would be no clearer)
)
"""The syllables of Mandarin without tones (what pypinyin gives for all common characters)."""


@lru_cache(maxsize=4096)
def typed(word: str) -> tuple[str, ...] | None:
    """Cuts a Latin word into the fewest syllables; None when it is no pinyin.

    >>> typed("shebaoka")
    ('she', 'bao', 'ka')
    """
    if not word.isascii() or not word.isalpha() or len(word) > LONGEST_TYPED_WORD:
        return None
    known, word = KNOWN_SYLLABLES, word.lower()
    best: list[tuple[str, ...] | None] = [(), *[None] * len(word)]
    for end in range(1, len(word) + 1):
        for begin in range(max(0, end - 6), end):
            before, piece = best[begin], word[begin:end]
            if before is not None and piece in known:
                current = best[end]
                if current is None or len(before) + 1 < len(current):
                    best[end] = (*before, piece)
    return best[len(word)]
