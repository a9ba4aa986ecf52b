"""What of our sentences is the same in every call: rendered ahead, and free of personal data."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.speech.clauses import plan

_HOLE: Final = re.compile(r"\{\w+\}")
"""Where a sentence of the flows takes up something of the call."""
_STAND_IN: Final = "龘龘龘龘龘龘"
"""Six syllables for a value; a hanzi that nobody writes."""


def fixed_clauses(texts: Iterable[str], language: LanguageTag = MANDARIN) -> tuple[str, ...]:
    """Clauses of `texts` that are spoken as they are, in order, once each.

    Of a sentence with holes (``工单号{ticket_no}，请记好。``) those without one (请记好。): a clause is the
    smallest thing that is synthesised, so the others are made when the value is known.
    """
    return tuple(dict.fromkeys(clause for text in texts for clause in _of_sentence(text, language)))


@lru_cache(maxsize=10_000)  # most sentences come again with every version of the content, 0.2 ms each
def _of_sentence(text: str, language: LanguageTag) -> tuple[str, ...]:
    spoken = plan(_HOLE.sub(_STAND_IN, text), language)
    return tuple(clause.text for clause in spoken if _STAND_IN[0] not in clause.text)
