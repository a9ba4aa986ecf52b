"""Steps and their lines."""

from voicebot.web.flows.places import outline

TEXT = """\
flow: rating
steps:
  ask:
    kind: ask
    next: bye

  # between
  bye:
    kind: end
title: behind the steps
"""


def test_steps_are_found_by_line_and_lines_by_step() -> None:
    found = outline("x.yaml", TEXT)
    assert found is not None
    assert found.steps == ((3, "ask"), (8, "bye"))
    assert [found.step_at(line) for line in (1, 2, 3, 5, 7, 8, 9, 10, 99)] == [
        *("", "", "ask", "ask", "ask", "bye", "bye", "", ""),
    ]
    assert found.line_of("bye") == 8
    assert found.line_of("ask", ("next",)) == 5
    assert found.line_of("ask", ("silent",)) == 3  # not written: the step itself
    assert found.line_of("nobody") == 0


def test_steps_may_stand_last() -> None:
    found = outline("x.yaml", "steps:\n  a:\n    kind: end\n\n# the end\n")
    assert found is not None
    assert found.step_at(5) == "a"


def test_no_outline_of_what_cannot_be_read() -> None:
    assert outline("x.yaml", "steps: [") is None
    assert outline("x.yaml", "flow: x\n") is None
    assert outline("x.yaml", "") is None
