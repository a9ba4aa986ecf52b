"""A stored call as text that people read."""

from collections.abc import Iterator

from voicebot.calls.records import CallView, TurnRecord

LABEL = 12
"""Letters of a content label that are shown: releases have fewer, digests (`voicebot chat`) 64."""


def transcript(call: CallView) -> str:
    """The whole call, one block a turn."""
    return "\n".join([_head(call), *(line for turn in call.turns for line in _turn(turn)), _tail(call)])


def _head(call: CallView) -> str:
    caller = call.caller or "未知号码"
    return (
        f"通话 {call.call_id}  {call.started:%Y-%m-%d %H:%M:%S}  "
        f"{caller} → {call.dialled}  {call.channel}  流程 {call.flow}"
        f"{'  内容 ' + call.content[:LABEL] if call.content else ''}"
    )


def _turn(turn: TurnRecord) -> Iterator[str]:
    yield ""
    if turn.keys:
        yield f"{_at(turn.started)} 市民按键：{turn.keys}"
    if turn.said:
        heard_as = f"{turn.engine} {turn.confidence:.0%} · {turn.meaning}"
        yield f"{_at(turn.started)} 市民：{turn.said}    〔{heard_as}〕"
    if turn.reply:
        marks = [turn.action, *(mark for mark in (turn.article, turn.ticket_no) if mark)]
        yield f"{_at(turn.replied)} 热线：{turn.reply}    〔{' · '.join(marks)}〕"
    if turn.interrupted:
        yield f"{'':9} 被打断，市民听到：{turn.heard or '（无）'}"
    if turn.stages:
        yield f"{'':9} 用时：{' · '.join(f'{name} {ms:.0f} ms' for name, ms in turn.stages)}"


def _tail(call: CallView) -> str:
    if call.ended is None:
        return "\n通话进行中"
    seconds = (call.ended - call.started).total_seconds()
    parts = [f"\n结束：{call.reason}", f"状态 {call.state}", f"时长 {seconds:.0f} 秒"]
    if call.score is not None:
        parts.append(f"评分 {call.score}")
    if call.recording:
        parts.append(f"录音 {call.recording}")
    return "  ".join(parts)


def _at(seconds: float) -> str:
    """``01:05.3``, since the call began; 9 columns."""
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes):02}:{rest:04.1f}  "
