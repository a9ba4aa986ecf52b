"""Replayed calls as text for people, and as JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final, assert_never

from voicebot.calls.replaying import Replayed
from voicebot.dialogue.events import (
    CallStarted,
    HandoverEnded,
    Keyed,
    NoInput,
    Notified,
    PersonCame,
    Queued,
    StepFailed,
    TicketChanged,
    TicketFiled,
    TicketsFound,
)
from voicebot.dialogue.told import Cut, Said, ToldEvent
from voicebot.dialogue.trying.replay import Difference, Replay, ReplayedTurn, Stop, What

EFFECTS: Final = {
    "FileTicket": "登记工单",
    "FindTickets": "查工单",
    "ChangeTicket": "办理工单",
    "HandOver": "转接",
    "LeaveQueue": "不排队了",
    "Notify": "通知",
    "Rate": "评分",
    "SetPace": "语速",
    "EndCall": "结束通话",
}
STOPS: Final = {
    Stop.ENDED: "改过的流程在这里已经结束通话，来电人后面的 {left} 句没有再放",
    Stop.ASTRAY: "来电人的话已经接不上改过的流程，后面的 {left} 句没有再放",
    Stop.CUT: "这一轮的记录太长，没有存全，后面的 {left} 句没有再放",
}
WHATS: Final = {What.SAID: "说的话", What.STEP: "步骤", What.SLOT: "记下的", What.EFFECT: "做的事"}


def call_text(done: Replayed) -> str:
    """Turn by turn what differs; that nothing does is said."""
    replay, view = done.replay, done.view
    lines = [f"通话 {view.call_id}  {view.started:%Y-%m-%d %H:%M:%S}  流程 {view.flow}"]
    if replay is None:
        return "\n".join([*lines, done.failure])
    for index, turn in enumerate(replay.turns):
        notes = list(_notes(turn))
        if notes:
            lines += ["", f"第 {index} 轮  {given_text(turn.given)}", *(f"  {note}" for note in notes)]
    if replay.stopped:
        lines += ["", STOPS[replay.stopped].format(left=replay.left)]
    count = sum(bool(turn.differences) for turn in replay.turns)
    verdict = f"有 {count} 轮不一样" if replay.differs else "没有不一样的地方"
    return "\n".join([*lines, "", f"共 {len(replay.turns)} 轮：{verdict}"])


def _notes(turn: ReplayedTurn) -> Iterator[str]:
    if turn.astray:
        yield f"! 这句当时是回答 {turn.astray} 的，改过的流程这时问的是别的"
    if turn.differences and turn.meaning:
        yield f"理解  原 {turn.meaning[0]}  今 {turn.meaning[1]}"
    for difference in turn.differences:
        yield f"{_title(difference)}  原 {difference.before or '（无）'}"
        yield f"{'':{2 * len(_title(difference))}}  今 {difference.now or '（无）'}"
    for errand in turn.assumed:
        yield f"? {EFFECTS[type(errand).__name__]}：当时没有做过，假定办成"
    for event in turn.unused:
        yield f"? 当时的结果（{given_text(event)}）这次没有用上"


def _title(difference: Difference) -> str:
    if difference.what is not What.EFFECT:
        return f"{WHATS[difference.what]}{f' {difference.name}' if difference.name else ''}"
    kind, _, field = difference.name.partition(".")
    return f"{EFFECTS.get(kind, kind)}{f' {field}' if field else ''}"


def given_text(event: ToldEvent) -> str:
    """What happened, in words."""
    match event:
        case CallStarted():
            return "接通"
        case Said(utterance=utterance):
            return f"市民：{utterance.text}"
        case Keyed(keys=keys):
            return f"按键：{keys}"
        case NoInput(count=count):
            return f"没有出声（第 {count} 次）"
        case TicketFiled(receipt=receipt):
            return f"工单 {receipt.ticket_no}"
        case TicketsFound(tickets=tickets):
            return f"查到 {len(tickets)} 件工单"
        case TicketChanged(ticket=ticket, reason=reason):
            return "工单已办理" if ticket else f"工单不能办理：{reason}"
        case Notified():
            return "通知已送达"
        case Queued(place=place):
            return f"排队，前面 {place.ahead} 位"
        case PersonCame():
            return "人工接听"
        case HandoverEnded(outcome=outcome):
            return f"转接结果 {outcome.value}"
        case StepFailed(code=code):
            return f"故障 {code}"
        case Cut():
            return "记录没有存全"
        case _:
            assert_never(event)


def summary_text(several: Sequence[Replayed]) -> str:
    """One line a call that would go otherwise, then how many they are."""
    lines = []
    for done in several:
        if done.replay is None:
            lines.append(f"{done.view.call_id}  {done.failure}")
        elif done.replay.differs:
            lines.append(f"{done.view.call_id}  {_brief(done.replay)}")
    figures = summary_json(several)
    lines.append(
        f"最近 {figures['calls']} 通：{figures['differ']} 通会不一样，{figures['same']} 通没有不一样"
        + (f"，{figures['failed']} 通不能重放" if figures["failed"] else "")
    )
    return "\n".join(lines)


def _brief(replay: Replay) -> str:
    found = Counter(WHATS[d.what] for turn in replay.turns for d in turn.differences)
    first = next((i for i, turn in enumerate(replay.turns) if turn.differences), len(replay.turns))
    where = f"从第 {first} 轮（{given_text(replay.turns[first].given)}）起" if found else "后面接不上"
    return f"{where}  {'，'.join(f'{word} {count} 处' for word, count in found.items())}".rstrip()


def summary_json(several: Sequence[Replayed]) -> dict[str, Any]:
    differ = sum(bool(done.replay and done.replay.differs) for done in several)
    failed = sum(done.replay is None for done in several)
    return {
        "calls": len(several),
        "differ": differ,
        "same": len(several) - differ - failed,
        "failed": failed,
        "items": [call_json(done) for done in several if done.replay is None or done.replay.differs],
    }


def call_json(done: Replayed) -> dict[str, Any]:
    """Turns that do not differ are not among them."""
    view, replay = done.view, done.replay
    head = {"call_id": view.call_id, "flow": view.flow, "content": view.content}
    if replay is None:
        return head | {"differs": None, "failure": done.failure}
    return head | {
        "differs": replay.differs,
        "stopped": replay.stopped.value,
        "left": replay.left,
        "turns": len(replay.turns),
        "changed": [_turn_json(index, turn) for index, turn in enumerate(replay.turns) if any(_notes(turn))],
    }


def _turn_json(index: int, turn: ReplayedTurn) -> dict[str, Any]:
    return {
        "index": index,
        "given": given_text(turn.given),
        "step": {"before": turn.before.place, "now": turn.now.place},
        "said": {"before": turn.before.said, "now": turn.now.said},
        "meaning": {"before": turn.meaning[0], "now": turn.meaning[1]} if turn.meaning else None,
        "differences": [
            {"what": d.what.value, "name": d.name, "before": d.before, "now": d.now} for d in turn.differences
        ],
        "assumed": [type(errand).__name__ for errand in turn.assumed],
        "unused": [type(event).__name__ for event in turn.unused],
        "astray": turn.astray,
    }
