"""Personal data stays here: it is replaced before a text leaves the process, and put back in what returns."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

NUMBER: Final = re.compile(r"(?:[0-9０-９零〇一二三四五六七八九幺两洞][ \-－，,、]?){5,}[xX]?")
"""Five digits in a row, written or spoken: phones, ticket and identity numbers, cards. No house has such."""
MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
NAME: Final = re.compile(
    r"(?<=我叫)[\u4e00-\u9fff]{2,3}|(?<=名字叫)[\u4e00-\u9fff]{2,3}|(?<=姓名是)[\u4e00-\u9fff]{2,3}"
    r"|(?<=我姓)[\u4e00-\u9fff]"
)
PERSONAL: Final = {"name": "姓名", "phone": "号码", "ticket_no": "号码", "plate": "车牌", "id_no": "号码"}
"""Slots whose words are replaced, too."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that may leave, and what stands behind its marks.

    Args:
        hidden: (mark, the words it stands for).
    """

    text: str
    hidden: tuple[tuple[str, str], ...] = ()

    def restored(self, text: str) -> str:
        """`text` with the words in place of the marks; unknown marks stay."""
        for mark_, words in self.hidden:
            text = text.replace(mark_, words)
        return text


def open_text(text: str) -> Masked:
    """Nothing is hidden: it does not leave the machine."""
    return Masked(text)


def mask(text: str, spans: Iterable[tuple[str, str]] = ()) -> Masked:
    """Hides numbers, names and addresses of mail.

    Args:
        spans: (slot, words of the caller) as understanding has found them.

    >>> mask("我叫王小明电话13800138000").text
    '我叫〔姓名1〕电话〔号码2〕'
    """
    found = [(words, PERSONAL[name]) for name, words in spans if name in PERSONAL and len(words.strip()) > 1]
    for pattern, label in ((MAIL, "邮箱"), (NUMBER, "号码"), (NAME, "姓名")):
        found += [(match[0].strip(" -－，,、"), label) for match in pattern.finditer(text)]
    hidden: list[tuple[str, str]] = []
    for words, label in sorted(dict(found).items(), key=lambda each: text.find(each[0])):
        if words in text:
            hidden.append((f"〔{label}{len(hidden) + 1}〕", words))
    for mark_, words in sorted(hidden, key=lambda each: -len(each[1])):
        text = text.replace(words, mark_)
    return Masked(text, tuple(hidden))
