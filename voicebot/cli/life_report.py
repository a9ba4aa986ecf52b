"""What the commands around the life of a flow print."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from voicebot.adapters.wall_clock import DEFAULT_ZONE
from voicebot.operations.content import Change, LiveContent, Release, Version, digest_of
from voicebot.operations.content_changes import label_of
from voicebot.operations.outcomes import Comparison, Outcomes

ZONE: Final = ZoneInfo(DEFAULT_ZONE)
CHANGES: Final[Mapping[Change, str]] = {
    Change.FILE: "保存文件",
    Change.PUBLISH: "发布",
    Change.TRIAL: "试用",
    Change.PROMOTE: "试用转全量",
    Change.DROP: "撤回试用",
    Change.ROLLBACK: "回滚",
}
MANY: Final = 4
"""Files of a release that are named; of more only how many there are."""


def released(made: Release) -> str:
    """What a command has done."""
    who = f"{made.share:.0%} 的新来电试用" if made.change is Change.TRIAL else "新来电马上使用"
    if made.change is Change.DROP:
        who = "所有新来电用回原来的内容"
    return (
        f"{CHANGES[made.change]} {_files(made)}（{label_of(made.revision)}）：{who}，正在进行的通话不受影响"
    )


def releases(found: Sequence[Release], live: LiveContent) -> str:
    """The newest changes, a line each."""
    if not found:
        return "还没有发布过内容"
    lines = [
        f"{label_of(r.revision):>5}  {_time(r.at)}  {r.author}  {CHANGES[r.change]}  {_files(r)}"
        + (f"  {r.share:.0%}" if r.change is Change.TRIAL else "")
        + (f"  {r.note}" if r.note else "")
        for r in found
    ]
    if live.trial:
        lines.append(f"正在试用：{'、'.join(live.trial)}，{live.share:.0%} 的来电")
    return "\n".join(lines)


def versions(path: str, found: Sequence[Version], live: LiveContent, file: str | None) -> str:
    """All versions of a file, a line each, the newest first; then whether the file in the folder differs.

    Args:
        file: its text; None when there is none.
    """
    lines = [path]
    for version in found:
        marks = ["线上"] if live.numbers.get(path) == version.number else []
        if live.trial_numbers.get(path) == version.number:
            marks.append(f"试用 {live.share:.0%}")
        if version.text is None:
            marks.append("删除")
        cells = [f"{version.number:>4}", _time(version.at), version.author, "、".join(marks), version.note]
        lines.append("  ".join(cell for cell in cells if cell))
    if path not in live.numbers:
        lines.append("线上没有这个文件")
    if digest_of(file) != digest_of(live.texts.get(path)):
        lines.append(
            "目录里没有这个文件" if file is None else "目录里的文件与线上不同（flow diff 名称 live file）"
        )
    return "\n".join(lines)


def trial(live: LiveContent, comparison: Comparison) -> str:
    """What is on trial, and how it does beside the rest."""
    names = "、".join(f"{path} 第 {number} 版" for path, number in live.trial_numbers.items())
    head = f"正在试用（{label_of(live.trial_revision)} 起，{live.share:.0%} 的新来电）：{names}"
    return "\n".join([head, *_table(_row("试用", comparison.trial), _row("其余", comparison.rest))])


_HEADINGS: Final = ("", "通话", "解答", "登记", "人工", "放弃", "其他", "轮数", "没听懂", "评分")


def _row(name: str, outcomes: Outcomes) -> Sequence[str]:
    kinds = (outcomes.answered, outcomes.ticket, outcomes.human, outcomes.abandoned)
    every = max(outcomes.calls, 1)
    shares = [f"{count} ({count / every:.0%})" for count in (*kinds, outcomes.calls - sum(kinds))]
    score = outcomes.mean_score
    means = [f"{outcomes.mean_turns:.1f}", f"{outcomes.mean_repairs:.2f}"]
    return [name, str(outcomes.calls), *shares, *means, "—" if score is None else f"{score:.1f}"]


def _table(*rows: Sequence[str]) -> Iterable[str]:
    """Columns separated by tabs, as a spreadsheet takes them."""
    return ("\t".join(row) for row in (_HEADINGS, *rows))


def _files(made: Release) -> str:
    if len(made.versions) > MANY:
        return f"{len(made.versions)} 个文件"
    return "、".join(f"{path} 第 {number} 版" for path, number in made.versions.items())


def _time(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
