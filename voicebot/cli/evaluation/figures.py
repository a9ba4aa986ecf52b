"""Outcomes → figures, each share with n and its 95 % interval."""

from collections.abc import Sequence
from typing import Any, Final

from voicebot.cli.evaluation.judging import Outcome
from voicebot.cli.evaluation.labels import PLAIN_QUERY, TRUE, emergency_of, printed
from voicebot.cli.evaluation.places import sound
from voicebot.cli.evaluation.statistics import Share, calibration, f1, percentile, share

ADDRESS: Final = "address"
DISTRICT: Final = "district"


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Everything but the errors. Shares are as in `Share.told`; without a label for it, n is 0."""
    return {
        "n": len(outcomes),
        "intent": intents(outcomes),
        "emergency": emergencies(outcomes),
        "appeal_type": appeal_types(outcomes).told(),
        "urgency": share([o.printed["urgency"] == o.item.urgency for o in outcomes if o.item.urgency]).told(),
        "department": departments(outcomes),
        "address": addresses(outcomes),
        "slots": slots(outcomes),
        "secondary_intent": seconds(outcomes),
        "faq": questions(outcomes),
        "false_answers": false_answers(outcomes),
        "calibration": confidence(outcomes),
        "as_understand": share([o.same for o in outcomes]).told(),
        "ms": {
            "median": _rounded(percentile([o.ms for o in outcomes], 0.5)),
            "p95": _rounded(percentile([o.ms for o in outcomes], 0.95)),
        },
    }


def intents(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """All, and recall and precision of each intent that is labelled."""
    judged = [o for o in outcomes if o.item.intent is not None]
    each = {}
    for intent in sorted({o.item.intent for o in judged if o.item.intent}):
        hits = sum(o.item.intent == o.intent == intent for o in judged)
        each[intent] = {
            "recall": Share(hits, sum(o.item.intent == intent for o in judged)).told(),
            "precision": Share(hits, sum(o.intent == intent for o in judged)).told(),
        }
    return {"accuracy": share([o.item.intent == o.intent for o in judged]).told(), "each": each}


def emergencies(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """`recall`: the right number; `noticed`: any; `at_once`: the right one without asking back.
    `false_alarms`: of all that is no emergency; `false_at_once`: those that are connected unasked."""
    real = [o for o in outcomes if o.item.emergency]
    other = [o for o in outcomes if o.item.emergency == ""]
    right = [o for o in real if emergency_of(o.intent) == o.item.emergency]
    numbers = sorted({o.item.emergency for o in real if o.item.emergency})
    alarms = [o for o in other if emergency_of(o.intent)]
    return {
        "recall": Share(len(right), len(real)).told(),
        "noticed": share([bool(emergency_of(o.intent)) for o in real]).told(),
        "at_once": Share(sum(o.certain for o in right), len(real)).told(),
        "false_alarms": Share(len(alarms), len(other)).told(),
        "false_at_once": Share(sum(o.certain for o in alarms), len(other)).told(),
        "each": {
            number: {
                "recall": share([o in right for o in real if o.item.emergency == number]).told(),
                "false_alarms": sum(emergency_of(o.intent) == number for o in alarms),
            }
            for number in numbers
        },
    }


def appeal_types(outcomes: Sequence[Outcome]) -> Share:
    return share([appeal_right(o) for o in outcomes if o.item.appeal_types is not None])


def appeal_right(outcome: Outcome) -> bool:
    wanted, found = outcome.item.appeal_types, outcome.printed["appeal_type"]
    return found in wanted if wanted else found is None


def departments(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Where there is one: the first guess, one of three; where there is none: none given."""
    judged = [o for o in outcomes if o.item.departments]
    none = [o for o in outcomes if o.item.departments == ()]
    return {
        "top1": share([department_right(o) for o in judged]).told(),
        "top3": share([bool({*o.departments[:3]} & {*(o.item.departments or ())}) for o in judged]).told(),
        "none": share([not o.departments for o in none]).told(),
    }


def department_right(outcome: Outcome) -> bool:
    return outcome.printed["department"] in (outcome.item.departments or ())


def addresses(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """`exact`: the labelled characters; `by_ear`: equal in toneless pinyin and digits; both of the texts
    with an address. `invented`: of the texts without one."""
    judged = [o for o in outcomes if judges(o, ADDRESS)]
    pairs = [((o.item.slots or {}).get(ADDRESS), said(o, ADDRESS)) for o in judged]
    with_one = [(wanted, found or "") for wanted, found in pairs if wanted is not None]
    return {
        "exact": share([wanted == found for wanted, found in with_one]).told(),
        "by_ear": share([sound(wanted) == sound(found) for wanted, found in with_one]).told(),
        "invented": share([found is not None for wanted, found in pairs if wanted is None]).told(),
    }


def slots(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Of each slot that is labelled somewhere: `exact` of those that are there, precision, recall, F1."""
    names = sorted({name for o in outcomes for name in o.item.slots or ()})
    result = {}
    for name in names:
        judged = [o for o in outcomes if judges(o, name)]
        wanted = [(o.item.slots or {}).get(name) for o in judged]
        found = [said(o, name) for o in judged]
        exact = [w == f for w, f in zip(wanted, found, strict=True) if w is not None]
        result[name] = {"exact": share(exact).told(), **f1(wanted, found)}
    return result


def judges(outcome: Outcome, name: str) -> bool:
    return outcome.item.slots is not None and name in outcome.item.slot_names


def said(outcome: Outcome, name: str) -> str | None:
    """A slot as the labels write it: what was said, or `TRUE`. A district that was only
    concluded from the address is neither right nor wrong."""
    value = outcome.printed["slots"].get(name)
    if value is None or (name, value) == PLAIN_QUERY:
        return None
    text = printed(value)
    if (outcome.item.slots or {}).get(name) == TRUE:
        return TRUE  # labelled only as being there
    concluded = name == DISTRICT and text not in outcome.heard
    return None if concluded and name not in (outcome.item.slots or {}) else text


def seconds(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """`right`: of the texts with a second intent; `invented`: of those without."""
    judged = [
        (o.item.secondary, o.printed["secondary_intent"]) for o in outcomes if o.item.secondary is not None
    ]
    return {
        "right": share([wanted == found for wanted, found in judged if wanted]).told(),
        "invented": share([found is not None for wanted, found in judged if not wanted]).told(),
    }


def questions(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Questions that an article answers. `hit1`: understanding names it; `ranked1`, `ranked3`: knowledge
    ranks it there. In a call: `answered` with it, `asked_back` about it, `wrong_answer`: another is spoken;
    the rest is asked about another one, or led elsewhere."""
    asked = [o for o in outcomes if o.item.articles]

    def right(article: str | None, o: Outcome) -> bool:
        return bool(article) and article in (o.item.articles or ())

    return {
        "hit1": share([right(o.printed["article"], o) for o in asked]).told(),
        "ranked1": share([any(right(a, o) for a in o.ranked[:1]) for o in asked]).told(),
        "ranked3": share([any(right(a, o) for a in o.ranked[:3]) for o in asked]).told(),
        "answered": share([right(o.spoken, o) for o in asked]).told(),
        "asked_back": share([not o.spoken and right(o.asked, o) for o in asked]).told(),
        "wrong_answer": share([bool(o.spoken) and not right(o.spoken, o) for o in asked]).told(),
    }


def false_answers(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Questions that nothing answers: an answer is `spoken`, the caller is `asked_back` about one."""
    none = [o for o in outcomes if o.item.articles == ()]
    return {
        "spoken": share([bool(o.spoken) for o in none]).told(),
        "asked_back": share([bool(o.asked) for o in none]).told(),
    }


def confidence(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    judged = [o for o in outcomes if o.item.intent is not None]
    return calibration([o.printed["confidence"] for o in judged], [o.intent == o.item.intent for o in judged])


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def bars(told: dict[str, Any], spoken: bool) -> list[dict[str, Any]]:
    """The aims of the project against `figures`: {"name","bar","most","value","n","low","high","met"}.

    `most`: the value may not be higher (else not lower); `met` is None where nothing is labelled.
    """
    rows: list[dict[str, Any]] = []
    for name, path, clean, phone, most in BARS:
        bar = phone if spoken else clean
        if bar is None:
            continue
        value: Any = told
        for key in path:
            value = value[key]
        met = None if value["value"] is None else (value["value"] <= bar if most else value["value"] >= bar)
        kept = {key: value[key] for key in ("value", "n", "low", "high")}
        rows.append({"name": name, "bar": bar, "most": most, **kept, "met": met})
    return rows


BARS: Final[tuple[tuple[str, tuple[str, ...], float | None, float | None, bool], ...]] = (
    ("intent", ("intent", "accuracy"), 0.93, 0.88, False),
    ("emergency recall", ("emergency", "recall"), 1.0, 0.95, False),
    ("false alarms", ("emergency", "false_alarms"), 0.0, 0.005, True),
    ("department top-1", ("department", "top1"), 0.88, 0.88, False),
    ("address exact", ("address", "exact"), 0.85, None, False),
    ("address by ear", ("address", "by_ear"), None, 0.65, False),
    ("FAQ hit@1", ("faq", "hit1"), 0.92, 0.85, False),
    ("false answers", ("false_answers", "spoken"), 0.02, 0.02, True),
)
"""Name, where in `figures`, bar clean, bar spoken over the phone path (None: not asked there), is a most."""
