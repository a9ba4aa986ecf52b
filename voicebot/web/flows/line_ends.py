"""An author's line ends survive a browser's editor, which knows line feeds only."""

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import Final

_BREAK: Final = re.compile(r"\r\n|\r|\n")
_FOREIGN: Final = re.compile(r"\r\n?")


def plain(text: str) -> str:
    """`text` as the editor shows it: every line ends with a line feed."""
    return _FOREIGN.sub("\n", text)


def restored(edited: str, original: str) -> str:
    """`edited` with the line ends of `original`: a kept line keeps its own, a new one gets the usual.

    Nothing else is touched: ``plain(restored(edited, original)) == plain(edited)``, and a text that was
    not edited comes back byte for byte.
    """
    edited = plain(edited)
    if "\r" not in original:
        return edited
    if edited == plain(original):
        return original
    ends = _BREAK.findall(original)
    usual = Counter(ends).most_common(1)[0][0]
    before, after = _BREAK.split(original), edited.split("\n")
    chosen = [usual] * len(after)
    for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        for i in range(block.size):
            if block.a + i < len(ends):
                chosen[block.b + i] = ends[block.a + i]
    text = "".join(line + end for line, end in zip(after, [*chosen[:-1], ""], strict=True))
    # In a wild mixture a kept CR may come to stand before a LF: one line end where there were two.
    return text if plain(text) == edited else edited.replace("\n", usual)
