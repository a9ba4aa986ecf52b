"""What tickets are found by."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.language.characters import plain
from voicebot.tickets.words import LONGEST, MOST_TERMS, Term, terms, words

HANZI = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=12)


def holds(text: str, term: Term) -> bool:
    """What a full-text index answers: the words in order, the last perhaps only begun."""
    have, size = words(text), len(term.words)
    windows = (have[at : at + size] for at in range(len(have) - size + 1))
    *first, last = term.words
    return any(
        list(window[:-1]) == first and (window[-1].startswith(last) if term.prefix else window[-1] == last)
        for window in windows
    )


@given(HANZI, HANZI, HANZI)
def test_every_part_of_a_text_finds_it(before: str, part: str, after: str) -> None:
    assert all(holds(before + part + after, term) for term in terms(part))


@given(HANZI, HANZI)
def test_nothing_else_does(text: str, sought: str) -> None:
    if plain(sought) not in plain(text):
        assert not all(holds(text, term) for term in terms(sought))


def test_forms_of_one_character_are_one() -> None:
    assert words("路燈ＡＢ１２") == words("路灯ab12") == ("路灯", "灯", "ab12")


def test_words_do_not_reach_over_a_mark() -> None:
    assert not all(holds("路，灯", term) for term in terms("路灯"))


def test_the_beginning_of_a_plate_finds_it() -> None:
    assert all(holds("车牌云A12345", term) for term in terms("云a123"))


@given(st.text())
def test_any_query_is_bounded(query: str) -> None:
    found = terms(query)
    assert len(found) <= MOST_TERMS
    assert all(term.words and all(term.words) for term in found)


def test_a_huge_text_is_cut() -> None:
    assert len(words("路" * 1_000_000)) <= LONGEST
