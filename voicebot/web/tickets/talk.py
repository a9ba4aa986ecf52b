"""What was said in a call, with the words that a ticket was made of."""

from collections.abc import Sequence
from typing import Final, TypedDict

from voicebot.calls.records import CallView, TurnRecord
from voicebot.tickets.privacy import conceal

Evidence = Sequence[tuple[str, str]]
LABELS: Final = {
    "address": "地点",
    "place": "地点",
    "time": "时间",
    "occurred": "时间",
    "object": "对象",
    "district": "区县",
    "phone": "电话",
    "name": "称呼",
    "caller_name": "称呼",
    "content": "诉求",
    "demand": "诉求",
    "what": "诉求",
}


class Part(TypedDict):
    """Words; `mark`: which field they are evidence of, "" for none."""

    text: str
    mark: str


class Line(TypedDict):
    """One side of a turn; `turn`: its index, `seconds`: where it is in the recording."""

    turn: int
    who: str
    at: str
    seconds: float
    parts: list[Part]


def lines(view: CallView, evidence: Evidence) -> list[Line]:
    """The call in order; numbers of people are masked as in the ticket."""
    found: list[Line] = []
    for turn in view.turns:
        said = conceal(turn.said)[0]
        if said:
            found.append(_line(turn, "caller", turn.started, parts(said, evidence)))
        reply = conceal(turn.heard or turn.reply)[0]
        if reply:
            found.append(_line(turn, "bot", turn.replied, [Part(text=reply, mark="")]))
    return found


def parts(said: str, evidence: Evidence) -> list[Part]:
    """Cuts a text at the words that are evidence; of words that overlap the first counts."""
    spans: list[tuple[int, int, str]] = []
    for field, span in sorted(evidence, key=lambda item: -len(item[1])):
        start = said.find(span) if span else -1
        if start >= 0 and not any(start < end and begin < start + len(span) for begin, end, _ in spans):
            spans.append((start, start + len(span), LABELS.get(field, field)))
    cut: list[Part] = []
    at = 0
    for begin, end, label in sorted(spans):
        if begin > at:
            cut.append(Part(text=said[at:begin], mark=""))
        cut.append(Part(text=said[begin:end], mark=label))
        at = end
    if at < len(said):
        cut.append(Part(text=said[at:], mark=""))
    return cut


def turn_of(found: Sequence[Line], span: str) -> int | None:
    """The turn in which the caller said these words."""
    said = (line for line in found if line["who"] == "caller")
    return next((line["turn"] for line in said if span in "".join(p["text"] for p in line["parts"])), None)


def _line(turn: TurnRecord, who: str, seconds: float, said: list[Part]) -> Line:
    at = f"{int(seconds) // 60}:{int(seconds) % 60:02}"
    return Line(turn=turn.index, who=who, at=at, seconds=round(seconds, 2), parts=said)
