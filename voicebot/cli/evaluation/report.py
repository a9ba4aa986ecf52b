"""The result as text for people."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

ROWS: Final = (
    ("意图", ("intent", "accuracy")),
    ("急事：识出（号码对）", ("emergency", "recall")),
    ("急事：当作急事", ("emergency", "noticed")),
    ("急事：误报", ("emergency", "false_alarms")),
    ("急事：误报且直接转接", ("emergency", "false_at_once")),
    ("诉求类型", ("appeal_type",)),
    ("紧急程度", ("urgency",)),
    ("部门：第一", ("department", "top1")),
    ("部门：前三", ("department", "top3")),
    ("地址：一字不差", ("address", "exact")),
    ("地址：听起来一样", ("address", "by_ear")),
    ("地址：无中生有", ("address", "invented")),
    ("第二意图", ("secondary_intent", "right")),
    ("第二意图：无中生有", ("secondary_intent", "invented")),
    ("知识：第一", ("faq", "hit1")),
    ("知识：排在前三", ("faq", "ranked3")),
    ("知识：直接答对", ("faq", "answered")),
    ("知识：反问，对", ("faq", "asked_back")),
    ("知识：答了别的", ("faq", "wrong_answer")),
    ("无答案却答了", ("false_answers", "spoken")),
    ("无答案却反问", ("false_answers", "asked_back")),
    ("与 understand 一致", ("as_understand",)),
)


def lines(result: Mapping[str, Any]) -> Iterator[str]:
    yield "，".join(f"{name} {n}" for name, n in result["labelled"].items()) + f"；内容 {result['content']}"
    if unknown := {name: n for name, n in result["unknown_labels"].items() if n}:
        yield "注意：标注里有系统不认识的名称：" + "，".join(f"{name} {n}" for name, n in unknown.items())
    for name, told in result["versions"].items():
        yield ""
        spoiled = ""
        if "character_errors" in told:
            spoiled = f"，字错 {told['character_errors']:.1%}，音错 {told['syllable_errors']:.1%}"
        yield f"== {name}（{told['n']} 句{spoiled}）"
        yield from _version(told)


def _version(told: Mapping[str, Any]) -> Iterator[str]:
    for label, path in ROWS:
        yield from _share(label, _at(told, path))
    for intent, each in told["intent"]["each"].items():
        yield from _share(f"  意图 {intent}", each["recall"])
    for number, each in told["emergency"]["each"].items():
        yield from _share(f"  急事 {number}，误报 {each['false_alarms']} 次", each["recall"])
    for name, each in told["slots"].items():
        f1 = "–" if each["f1"] is None else f"{each['f1']:.3f}"
        yield from _share(f"  要素 {name}，F1 {f1}", each["exact"])
    yield from _confidence(told)
    for bar in told["bars"]:
        if bar["met"] is not None:
            aim = f"{bar['name']} {'≤' if bar['most'] else '≥'} {bar['bar']:g}"
            yield f"目标 {aim}：{bar['value']:.3f} {'达到' if bar['met'] else '未达到'}"
    for kind, found in told["errors"].items():
        yield from _errors(kind, found)


def _share(label: str, told: Mapping[str, Any]) -> Iterator[str]:
    if told["n"]:
        of = f"{told['right']}/{told['n']}"
        yield f"{_padded(label, 32)}{told['value']:.3f}  [{told['low']:.3f}, {told['high']:.3f}]  {of}"


def _confidence(told: Mapping[str, Any]) -> Iterator[str]:
    calibration = told["calibration"]
    if calibration["n"]:
        yield f"{_padded('置信度校准误差 ECE', 32)}{calibration['ece']:.3f}"
    for row in calibration["bins"]:
        where = f"{row['from']:.1f}-{row['to']:.1f}"
        yield f"  {where}  {row['n']:>5} 句  自认 {row['confidence']:.3f}  实际 {row['right']:.3f}"
    yield f"{_padded('每句毫秒：中位、p95', 32)}{told['ms']['median']}  {told['ms']['p95']}"


def _errors(kind: str, found: Mapping[str, Any]) -> Iterator[str]:
    if not found["n"]:
        return
    yield f"错误 {kind}：{found['n']}"
    yield "  " + "；".join(f"{what} {n}" for what, n in found["confusions"].items())
    for one in found.get("examples", ()):
        heard = "" if one["heard"] == one["text"] else f" 听成“{one['heard']}”"
        yield f"  {one['id']} “{one['text']}”{heard}：应为 {one['wanted'] or '无'}，得 {one['found'] or '无'}"


def _at(told: Mapping[str, Any], path: tuple[str, ...]) -> Mapping[str, Any]:
    value: Any = told
    for key in path:
        value = value[key]
    found: Mapping[str, Any] = value
    return found


def _padded(text: str, width: int) -> str:
    """To so many columns; a hanzi takes two."""
    return text + " " * max(1, width - sum(2 if ord(c) > 0x2E7F else 1 for c in text))
