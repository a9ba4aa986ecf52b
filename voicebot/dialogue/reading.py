"""A text read to somebody who needs time: a few short sentences, then a question, then on."""

import re
from typing import Final

from voicebot.core.answer import Answer

PORTION: Final = 30
"""Characters read at a time; one sentence that is longer is not cut."""

MESSAGE: Final = 400
"""Characters of a text message: six parts at most, which every gateway takes; whole lines only."""

LABELS: Final = (
    ("materials", "材料"),
    ("where", "地点"),
    ("time", "时间"),
    ("cost", "费用"),
    ("steps", "步骤"),
)
"""Aspects of an answer in a text message, the most wanted first."""

_SENTENCE: Final = re.compile(r"[^。！？；]*[。！？；]?")


def portions(text: str) -> tuple[str, ...]:
    """Sentences of `text`, together as long as they stay within `PORTION`; joined they are `text`.

    >>> portions("先挂失。再带身份证去补卡。网点在人民路一百二十号一楼的社保大厅，工作日九点开门。")
    ('先挂失。再带身份证去补卡。', '网点在人民路一百二十号一楼的社保大厅，工作日九点开门。')
    """
    found: list[str] = []
    for sentence in _SENTENCE.findall(text):
        if found and len(found[-1]) + len(sentence) <= PORTION:
            found[-1] += sentence
        else:
            found.append(sentence)
    return tuple(part for part in found if part) or (text,)


def gist(text: str) -> str:
    """The first thing a text says.

    >>> gist("先挂失。再带身份证去补卡。网点在人民路一百二十号一楼的社保大厅。")
    '先挂失。再带身份证去补卡。'
    """
    return portions(text)[0]


def message(answer: Answer, hotline: str) -> str:
    """An answer as a text message: what was asked, the answer, and what one wants on paper."""
    told = dict(answer.aspects)
    lines = [f"【{hotline}】{answer.title}：{answer.text}"]
    lines += [f"{label}：{told[name]}" for name, label in LABELS if told.get(name)]
    kept = lines[:1]
    for line in lines[1:]:
        if sum(map(len, kept)) + len(line) <= MESSAGE:
            kept.append(line)
    return "\n".join(kept)
