"""Toneless pinyin: recognition errs mostly in homophones, so everything is matched by sound too."""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin


@lru_cache(maxsize=65536)
def syllables(text: str) -> tuple[str, ...]:
    """Toneless syllables; other characters pass one by one, lower case, white space is dropped.

    >>> syllables("社保A卡")
    ('she', 'bao', 'a', 'ka')
    """
    return tuple(
        lazy_pinyin(
            "".join(text.lower().split()), style=Style.NORMAL, errors=list, v_to_u=False, strict=False  # type: ignore[arg-type]
        )
    )
