"""What a question lets one expect: the few answers of a closed one, and words that prime a recogniser."""

from dataclasses import dataclass
from typing import Final

from voicebot.core.utterance import Expect, ExpectKind


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer; those with the same `meaning` are as good as one another."""

    text: str
    meaning: str


CLOSED: Final = frozenset({ExpectKind.YES_NO, ExpectKind.CHOICE, ExpectKind.SCORE})
"""Questions whose answers are few."""

YES: Final = ("是", "是的", "对", "对的", "好", "好的", "可以", "行", "要", "没错", "嗯")
NO: Final = ("不是", "不对", "不", "没有", "不用", "不要", "不需要", "不行")
ORDINALS: Final = ("第一个", "第二个", "第三个", "第四个", "第五个")
POINTS: Final = ("一分", "二分", "三分", "四分", "五分")
GRADES: Final = ("非常满意", "很满意", "满意", "基本满意", "一般", "不满意", "很不满意")

YES_NO: Final = (*(Candidate(t, "yes") for t in YES), *(Candidate(t, "no") for t in NO))

_PRIMERS: Final = {
    ExpectKind.YES_NO: "请回答是或者不是。是的。不是。对。不对。好的。没有。",
    ExpectKind.SCORE: "请打分。满意。五分。不满意。一分。三分。",
    ExpectKind.PHONE: "请报电话号码。13912345678。025-84567890。",
    ExpectKind.DIGITS: "请报工单编号。20261124000072。",
    ExpectKind.ADDRESS: "请说地址。人民路12号。解放路和中山路交叉口。阳光小区3栋2单元。",
}


def candidates(expect: Expect) -> tuple[Candidate, ...]:
    """All answers that a closed question lets one expect; empty for an open one.

    A choice between agreement and refusal (是的/不是) is heard as a yes-or-no question.
    """
    match expect.kind:
        case ExpectKind.YES_NO:
            return YES_NO
        case ExpectKind.CHOICE if any(choice in YES for choice in expect.choices):
            own = tuple(Candidate(c, c) for c in expect.choices if c not in (*YES, *NO))
            return (*own, *YES_NO)
        case ExpectKind.CHOICE:
            named = tuple(Candidate(c, c) for c in expect.choices)
            counted = zip(ORDINALS, expect.choices, strict=False)
            return (*named, *(Candidate(ordinal, choice) for ordinal, choice in counted))
        case ExpectKind.SCORE:
            return tuple(Candidate(text, text) for text in (*POINTS, *GRADES, *expect.choices))
        case _:
            return ()


def primer(expect: Expect, general: str) -> str:
    """Text that a recogniser is primed with: answers of the kind that is awaited, else `general`."""
    if expect.kind is ExpectKind.CHOICE and expect.choices:
        return f"请选择。{'。'.join(expect.choices)}。"
    return _PRIMERS.get(expect.kind, general)
