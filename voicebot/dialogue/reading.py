"""A text read to somebody who needs time: a few short sentences, then a question, then on."""

import re
from typing import Final

PORTION: Final = 30
"""Characters read at a time; one sentence that is longer is not cut."""

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
