"""Whatever stands in a flow file, the checker answers in bounded time, with problems inside the file."""

import re
import time
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.flows.caller import catalogue, shipped_texts
from voicebot.core.problem import ContentError, Problem
from voicebot.dialogue import load_flows

TEXTS = shipped_texts()
BREAK = re.compile(r"\r\n|\n|\r")
SCRAPS = st.sampled_from(
    ["\t", "  ", "　", ":", ": ", "：", "- ", "{", "}", "[", "]", '"', "'", "#", " #", "&a", "*a", "!x", "|",
     ">", "?", "%", "@", "`", "---", "...", "\r", "\u2028", "\ufeff", "\x00", "\ud800", "💡", "{what}", "{",
     "kind: ask", "next: next", "steps:", "flow: main", "0", "null", "~", "<<", "a" * 70, "很长的话" * 40]
)  # fmt: skip


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, str]:
    """A shipped file in which some lines and characters were deleted, doubled, moved or replaced."""
    path = draw(st.sampled_from(sorted(TEXTS)))
    lines = TEXTS[path].split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        column = draw(st.integers(0, len(line)))
        match draw(st.sampled_from(["delete", "double", "swap", "replace", "insert", "cut", "indent"])):
            case "delete":
                del lines[at : at + draw(st.integers(1, 6))]
            case "double":
                lines.insert(at, line)
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case "replace":
                lines[at] = line[:column] + draw(SCRAPS) + line[column + 1 :]
            case "insert":
                lines[at] = line[:column] + draw(SCRAPS | st.text(max_size=5)) + line[column:]
            case "cut":
                lines[at] = line[:column]
            case "indent":
                lines[at] = " " * draw(st.integers(0, 8)) + line.lstrip()
        lines = lines or [""]
    return path, "\n".join(lines)


def found(texts: dict[str, str]) -> tuple[Problem, ...]:
    try:
        return load_flows(texts, catalogue()).warnings
    except ContentError as error:
        return error.problems


@cache
def lines_of(text: str) -> list[str]:
    return BREAK.split(text)


def is_inside(problem: Problem, texts: dict[str, str]) -> bool:
    if problem.path not in texts:
        return problem.code == "flow.no_main"
    lines = lines_of(texts[problem.path])
    return 1 <= problem.line <= len(lines) and 1 <= problem.column <= len(lines[problem.line - 1]) + 1


@given(mutations())
@settings(max_examples=examples(40, 80), deadline=None)
def test_mutated_files_are_judged_with_places_inside_them(mutation: tuple[str, str]) -> None:
    path, text = mutation
    texts = {**TEXTS, path: text}
    for problem in found(texts):
        assert is_inside(problem, texts), problem
        assert problem.code
        assert re.search("[一-鿿]", problem.message)
        assert len(problem.message) < 400


@given(st.text(max_size=80))
@settings(max_examples=examples(30, 60), deadline=None)
def test_any_text_is_judged(text: str) -> None:
    texts = {"ivr_flows/x.yaml": text}
    assert all(is_inside(problem, texts) for problem in found(texts))


STEP = """  s{0}:
    kind: ask
    slot: name
    prompt: 请问第{0}个问题？
    next: s{1}
"""
HEAD = "flow: x\ntitle: 试验\nstart: s0\nslots: {name: 称呼}\n" + (
    "defaults:\n  no_input: 请说话。\n  no_match: 没听清。\n  help: 请说。\nsteps:\n"
)

HEAVY = {
    "ten thousand lines": HEAD + "".join(STEP.format(i, i + 1) for i in range(2000))
    + "  s2000: {kind: end}\n",
    "a ring of two thousand": HEAD + "".join(STEP.format(i, (i + 1) % 2000) for i in range(2000)),
    "two thousand unknown targets": HEAD + "".join(STEP.format(i, f"x{i}") for i in range(2000)),
    "a long sentence": HEAD + "  s0:\n    kind: say\n    prompt: " + "长" * 1_000_000 + "\n    next: s0\n",
    "a long name": HEAD + "  " + "s" * 1000 + ":\n    kind: say\n    prompt: 好\n    next: "
    + "t" * 1_000_000,
    "a long label": HEAD + "  s0:\n    kind: menu\n    prompt: 选\n    choices:\n      - {label: "
    + "长" * 500_000 + ", key: '1', next: s0}\n      - {label: " + "长" * 500_000 + ", key: '2', next: s0}\n",
    "a thousand choices": HEAD + "  s0:\n    kind: menu\n    prompt: 选\n    choices:\n"
    + "".join(f"      - {{label: 第{i}项, key: '1', next: s0}}\n" for i in range(1000)),
    "a thousand variables": HEAD + "  s0:\n    kind: say\n    prompt: "
    + "".join(f"好{{v{i}}}" for i in range(1000)) + "\n    next: s0\n",
    "brackets": "a: " + "[" * 300_000,
    "dashes": "- " * 300_000,
    "question marks and dashes": "? - " * 200_000,
    "stairs": "".join(" " * i + "a:\n" for i in range(1500)),
    "a bomb": "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 200)),
    "many colons": "a: b\n" + "c: d: e\n" * 5000,
    "many tabs": "a:\n" + "\tb: 1\n" * 5000,
    "open quotes": "a: \"b\n" * 5000,
    "too large": "# " + "x" * 5_000_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HEAVY)
def test_heavy_files_take_bounded_time(name: str) -> None:
    texts = {**TEXTS, "ivr_flows/x.yaml": HEAVY[name]}
    began = time.process_time()
    problems = found(texts)
    assert time.process_time() - began < 6.0
    assert all(is_inside(problem, texts) for problem in problems)
    assert all(len(problem.message) < 400 for problem in problems)
