"""docs/tickets.md says what the rules say."""

from tests.ticket_docs import PAGE, diagram, rules, split_page
from voicebot.tickets.state import State


def test_the_rules_of_the_page_are_those_of_the_code() -> None:
    assert split_page(PAGE.read_text("utf-8"))[1] == rules(), "run: python -m tests.ticket_docs"


def test_the_diagram_shows_every_state() -> None:
    arrows = [line.split() for line in diagram().splitlines() if "-->" in line]
    assert {State(end) for line in arrows for end in (line[0], line[2]) if end not in ("[*]", "open")} == set(
        State
    )
