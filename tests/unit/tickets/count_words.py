"""Counts what callers say often: `python -m tests.unit.tickets.count_words` writes common_words.py.

Counted are the examples that intents are learnt from, which are sentences of callers about everything.
"""

import math
import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml

import voicebot.tickets

EXAMPLES = Path(__file__).parents[3] / "knowledge_base" / "examples"
TARGET = Path(voicebot.tickets.__file__).with_name("common_words.py")
SHORTEST = 8
"""Characters of a sentence that is counted."""
RARE = {1: 9, 2: 10}
"""Bits from which a character, and a pair of them, is listed no more."""
HEAD = '''"""How often callers say a character or a pair: bits of what it tells → those that tell so much.

Made by `python -m tests.unit.tickets.count_words` from {n} sentences; what is not listed is rarer.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

RARE_CHARACTER: Final = {one}
RARE_PAIR: Final = {two}
"""Bits of what is not listed."""

'''


def _texts(node: object) -> Iterator[str]:
    if isinstance(node, str) and len(node) >= SHORTEST:
        yield node
    elif isinstance(node, dict | list):
        for each in node.values() if isinstance(node, dict) else node:
            yield from _texts(each)


def main() -> None:
    texts = [
        text
        for path in sorted(EXAMPLES.glob("*.yaml"))
        for text in _texts(yaml.safe_load(path.read_text(encoding="utf-8")))
    ]
    parts = [HEAD.format(n=len(texts), one=RARE[1], two=RARE[2])]
    for size, name in ((1, "CHARACTERS"), (2, "PAIRS")):
        counts = Counter(
            gram
            for text in texts
            for gram in {
                run[i : i + size]
                for run in re.findall("[\u4e00-\u9fff]+", text)
                for i in range(len(run) - size + 1)
            }
        )
        levels: dict[int, list[str]] = {}
        for gram, count in counts.items():
            bits = round(math.log2(len(texts) / count))
            if bits < RARE[size]:
                levels.setdefault(bits, []).append(gram)
        parts.append(f"{name}: Final[Mapping[int, str]] = MappingProxyType(\n    {{\n")
        for bits, grams in sorted(levels.items()):
            rows = textwrap.wrap("".join(sorted(grams)), 46)
            if len(rows) == 1:
                parts.append(f'        {bits}: "{rows[0]}",\n')
            else:
                body = "\n".join(f'            "{row}"' for row in rows)
                parts.append(f"        {bits}: (\n{body}\n        ),\n")
        parts.append("    }\n)\n")
    TARGET.write_text("".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
