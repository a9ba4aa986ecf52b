"""What went wrong, by kind: confusions counted, and examples where the set may be shown."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from voicebot.cli.evaluation.figures import appeal_right, department_right, judges, said
from voicebot.cli.evaluation.judging import Outcome
from voicebot.cli.evaluation.labels import emergency_of
from voicebot.cli.evaluation.places import sound


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong with an outcome.

    Args:
        confusion: what was taken for what; holds no words of the caller.
        wanted, found: the same in full.
    """

    outcome: Outcome
    confusion: str
    wanted: str
    found: str


Find = Callable[[Outcome], Iterator[tuple[str, str, str]]]


def _pair(wanted: str, found: str) -> tuple[str, str, str]:
    return f"{wanted}→{found}", wanted, found


def _intent(o: Outcome) -> Iterator[tuple[str, str, str]]:
    if o.item.intent is not None and o.item.intent != o.intent:
        yield _pair(o.item.intent, o.intent)


def _emergency(o: Outcome) -> Iterator[tuple[str, str, str]]:
    if o.item.emergency and emergency_of(o.intent) != o.item.emergency:
        yield _pair(o.item.emergency, o.intent)


def _false_alarm(o: Outcome) -> Iterator[tuple[str, str, str]]:
    if o.item.emergency == "" and emergency_of(o.intent):
        yield _pair("无", f"{emergency_of(o.intent)}{'' if o.certain else '（先问）'}")


def _appeal_type(o: Outcome) -> Iterator[tuple[str, str, str]]:
    if o.item.appeal_types is not None and not appeal_right(o):
        yield _pair("|".join(o.item.appeal_types) or "无", o.printed["appeal_type"] or "无")


def _department(o: Outcome) -> Iterator[tuple[str, str, str]]:
    if o.item.departments and not department_right(o):
        yield _pair("|".join(o.item.departments), o.printed["department"] or "无")


def _urgency(o: Outcome) -> Iterator[tuple[str, str, str]]:
    if o.item.urgency and o.item.urgency != o.printed["urgency"]:
        yield _pair(o.item.urgency, o.printed["urgency"])


def _secondary(o: Outcome) -> Iterator[tuple[str, str, str]]:
    found = o.printed["secondary_intent"] or ""
    if o.item.secondary is not None and o.item.secondary != found:
        yield _pair(o.item.secondary or "无", found or "无")


def _slot(o: Outcome) -> Iterator[tuple[str, str, str]]:
    wanted = o.item.slots or {}
    for name in sorted({*wanted, *o.printed["slots"]}):
        a, b = wanted.get(name), said(o, name)
        if not judges(o, name) or a == b:
            continue
        if a is None or b is None:
            yield f"{name} {'多了' if a is None else '没找到'}", a or "", b or ""
        else:
            yield f"{name} {'写法不同' if sound(a) == sound(b) else '不同'}", a, b


def _faq(o: Outcome) -> Iterator[tuple[str, str, str]]:
    wanted = o.item.articles
    if not wanted or o.spoken in wanted:
        return
    if o.spoken:
        did = "答了别的"
    elif o.asked:
        did = "反问，对" if o.asked in wanted else "反问别的"
    else:
        did = f"当作 {o.intent}"
    yield did, "|".join(wanted), o.spoken or o.asked or o.printed["article"] or o.intent


def _false_answer(o: Outcome) -> Iterator[tuple[str, str, str]]:
    if o.item.articles == () and (o.spoken or o.asked):
        yield "答了" if o.spoken else "反问", "无", o.spoken or o.asked


KINDS: Final[Mapping[str, Find]] = {
    "intent": _intent,
    "emergency": _emergency,
    "false_alarm": _false_alarm,
    "appeal_type": _appeal_type,
    "department": _department,
    "urgency": _urgency,
    "secondary_intent": _secondary,
    "slot": _slot,
    "faq": _faq,
    "false_answer": _false_answer,
}


def errors(outcomes: Sequence[Outcome], kinds: Sequence[str], examples: int) -> dict[str, Any]:
    """Kind → {"n", "confusions": {what: n}, "examples": [{"id","text","heard","wanted","found"}]}.

    Args:
        kinds: of `KINDS`.
        examples: most of each kind; 0 for a set that may not be shown.
    """
    result: dict[str, Any] = {}
    for kind in kinds:
        wrong = [Wrong(o, *found) for o in outcomes for found in KINDS[kind](o)]
        told: dict[str, Any] = {
            "n": len(wrong),
            "confusions": dict(Counter(w.confusion for w in wrong).most_common()),
        }
        if examples:
            told["examples"] = [_shown(w) for w in wrong[:examples]]
        result[kind] = told
    return result


def _shown(wrong: Wrong) -> dict[str, str]:
    item, heard = wrong.outcome.item, wrong.outcome.heard
    return {"id": item.id, "text": item.text, "heard": heard, "wanted": wrong.wanted, "found": wrong.found}
