"""What is wrong with the shape of a flow file, in an author's words: what a key or a kind was meant to be."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from voicebot.core.marked_yaml import Location
from voicebot.core.problem import Problem
from voicebot.dialogue import flow_file, schema
from voicebot.dialogue.checking.source import nearest
from voicebot.dialogue.fields import Strict
from voicebot.dialogue.hints import KEYS as MEANINGS

_FIELD: Final = re.compile(r"^字段 (\S+)：")
KEYS: Final = frozenset(
    name
    for model in (*vars(schema).values(), *vars(flow_file).values())
    if isinstance(model, type) and issubclass(model, Strict)
    for name in (field.alias or key for key, field in model.model_fields.items())
)
STEP_KEYS: Final = {
    kind: {field.alias or key for key, field in model.model_fields.items()}
    for kind, model in schema.STEP_MODELS.items()
}
MEANT_KINDS: Final = {
    "speak": "say", "tell": "say", "play": "say", "question": "ask", "input": "ask", "yes_no": "ask",
    "choice": "menu", "if": "branch", "switch": "branch", "case": "branch", "sms": "notify", "goto": "call",
    "flow": "call", "human": "transfer", "hangup": "end", "hang_up": "end", "stop": "end", "score": "rate",
}  # fmt: skip
"""Kinds as people call them who have not looked them up."""

MEANT_KEYS: Final = {
    "流程": "flow", "标题": "title", "名称": "title", "name": "flow", "开始": "start", "begin": "start",
    "步骤": "steps", "节点": "steps", "nodes": "steps", "variables": "slots", "内容": "slots",
    "text": "prompt", "message": "prompt", "say": "prompt", "question": "prompt", "speak": "prompt",
    "goto": "next", "then": "next", "to": "next", "target": "next", "下一步": "next", "type": "kind",
    "options": "choices", "选项": "choices", "variable": "slot", "save": "slot", "else": "otherwise",
    "default": "otherwise", "if": "cases", "when": "cases", "value": "is", "digit": "key", "按键": "key",
    "retries": "max_tries", "timeout": "no_input", "error": "failed", "success": "done", "hangup": "then",
}  # fmt: skip
"""Keys likewise."""


def one_of() -> str:
    return "可用：" + "、".join(schema.STEP_MODELS)


def nearest_key(key: str, known: Iterable[str]) -> str:
    found = re.search(r"是否指 (\S+)？", nearest(key, known))
    return found[1] if found else ""


def in_words(
    found: Iterable[tuple[Location, Problem]],
    instead: Callable[[Location], Problem | None],
    where: str,
    known: set[str],
) -> list[Problem]:
    """Findings in an author's words; what is missing only because its key is misspelt is not told.

    Args:
        instead: what better explains a finding; known: keys of the file or the kind of step.
    """
    found = list(found)
    missing = {at for at, p in found if p.code == "schema.missing"}
    meant: set[Location] = set()
    told: list[tuple[Location, Problem]] = []
    for at, problem in found:
        better = instead(at)
        if better is None and problem.code == "schema.unknown_key":
            wanted = {str(m[-1]) for m in missing if m[:-1] == at[:-1]}
            key = _meant(str(at[-1]), wanted, known if len(at) == 1 else KEYS - {str(at[-1])})
            meant.add((*at[:-1], key))
            hint = f"是否指 {key}？" if key else _others(at, known)
            better = replace(problem, message=where + problem.message, suggestion=hint)
        told.append((at, better or next(explained([problem], where))))
    return [p for at, p in told if not (at in meant and p.code == "schema.missing")]


def _meant(key: str, wanted: Collection[str], siblings: Collection[str]) -> str:
    """What an unknown key stands for, "" when nobody can tell; `wanted`: those that are missing."""
    usual = MEANT_KEYS.get(key, "")
    if usual in wanted:
        return usual
    return nearest_key(key, wanted) or nearest_key(key, siblings) or (usual if usual in siblings else "")


def _others(at: Location, known: set[str]) -> str:
    """What an unknown key may have been meant for: other kinds have it, or nothing does."""
    kinds = [kind for kind, keys in STEP_KEYS.items() if at[-1] in keys]
    if kinds and "kind" in known and len(at) == 1:
        return f"只有 {'、'.join(kinds)} 才有这一项"
    return f"可用：{'、'.join(sorted(known - {'kind'}))}" if len(at) == 1 else ""


def explained(problems: Iterable[Problem], where: str = "", keys: frozenset[str] = KEYS) -> Iterator[Problem]:
    """Pydantic's findings in words an author knows; `keys`: those that an unknown one may stand for."""
    for problem in problems:
        field = _FIELD.match(problem.message)
        key = field[1].rsplit(".", 1)[-1] if field else ""
        suggestion = problem.suggestion
        match problem.code:
            case "schema.unknown_key":
                suggestion = nearest(key, keys - {key})
            case "schema.missing" if key in MEANINGS:
                suggestion = "写明" + re.split("[；：]", MEANINGS[key])[0]
            case "schema.enum" | "schema.literal_error":
                given = problem.message.partition("「")[2].rpartition("」")[0]
                suggestion = nearest(given, suggestion.removeprefix("可用：").split("、")) or suggestion
        yield replace(problem, message=where + problem.message, suggestion=suggestion)
