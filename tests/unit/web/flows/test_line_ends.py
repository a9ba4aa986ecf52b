"""Line ends: what an author did not touch comes back byte for byte."""

from hypothesis import given
from hypothesis import strategies as st

from voicebot.web.flows.line_ends import plain, restored

LINES = st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=6))
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Any mixture of line ends, with or without one at the end."""
    lines = draw(LINES)
    return "".join(line + draw(ENDS) for line in lines) + draw(st.sampled_from(["", "tail"]))


@given(texts())
def test_a_text_that_was_not_edited_comes_back(text: str) -> None:
    assert restored(plain(text), text) == text


@given(texts(), texts())
def test_the_words_are_what_was_typed_whatever_stood_before(edited: str, original: str) -> None:
    assert plain(restored(plain(edited), original)) == plain(edited)


def test_new_lines_end_as_the_others_and_kept_lines_as_before() -> None:
    assert restored("a\nnew\nb\nc\n", "a\r\nb\nc\r\n") == "a\r\nnew\r\nb\nc\r\n"


def test_a_last_line_without_an_end_stays_so() -> None:
    assert restored("a\nb\nc", "a\r\nb") == "a\r\nb\r\nc"
