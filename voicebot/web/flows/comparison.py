"""How a trial does beside the rest."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from voicebot.operations.outcomes import Comparison, Outcomes
from voicebot.web.shell.widgets import Dialog, box, button, text


def open_comparison(found: Comparison) -> None:
    """A window with the figures of both sides since the trial began."""
    dialog = Dialog("试用的效果")
    with dialog.body:
        text("试用开始以来打完的通话，每通按为来电人办到的最多的一件事计一次。", "note")
        with box("figures", "table"):
            with box("", "thead"), box("", "tr"):
                for head in ("", "试用", "其余"):
                    text(head, tag="th")
            with box("", "tbody"):
                for name, trial, rest in figures(found):
                    with box("", "tr"):
                        text(name, tag="td")
                        text(trial, tag="td")
                        text(rest, tag="td")
        with box("buttons"):
            button("关闭", dialog.close)
    dialog.open()


def figures(found: Comparison) -> Iterator[tuple[str, str, str]]:
    """(what, on trial, the rest)."""
    for name, tell in _FIGURES.items():
        yield name, tell(found.trial), tell(found.rest)


def _share(part: int, side: Outcomes) -> str:
    return f"{part}（{part / side.calls:.0%}）" if side.calls else "—"


_FIGURES: Final[Mapping[str, Callable[[Outcomes], str]]] = {
    "通话": lambda side: str(side.calls),
    "解答": lambda side: _share(side.answered, side),
    "登记": lambda side: _share(side.ticket, side),
    "转人工": lambda side: _share(side.human, side),
    "中途放弃": lambda side: _share(side.abandoned, side),
    "平均轮数": lambda side: f"{side.mean_turns:.1f}",
    "平均没听懂": lambda side: f"{side.mean_repairs:.2f}",
    "平均评分": lambda side: "—" if side.mean_score is None else f"{side.mean_score:.1f}",
}
