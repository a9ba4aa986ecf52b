"""The picture of the flow beside its text."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from voicebot.dialogue.drawing import mermaid
from voicebot.dialogue.flows import Flow
from voicebot.web.flows.elements import DrawingElement
from voicebot.web.shell.widgets import box, button, text


class DrawingPanel:
    """Args: go: called with the step that was clicked."""

    def __init__(self, go: Callable[[str], None]) -> None:
        self._steps: Sequence[str] = ()
        self._ids: Mapping[str, str] = {}
        with box("drawing-panel", "section") as section:
            self._column = section.parent_slot.parent if section.parent_slot else None
            section.props["aria-label"] = "流程图"
            with box("bar"):
                text("流程图", tag="h2")
                self._note = text("", "note")
                button("－", lambda: self._picture.run_method("farther"), "small", "缩小")
                button("＋", lambda: self._picture.run_method("closer"), "small", "放大")
                button("占满", self._stretch, "small", "图占满右边；再点一下恢复")
                button("全图", lambda: self._picture.run_method("fit"), "small", "缩到看见全图")
            self._picture = DrawingElement("", "流程图；点一个节点，光标跳到它的那一行").classes("picture")
        self._picture.on("node", lambda event: go(self._step(event.args["id"])))

    def show(self, flow: Flow | None) -> None:
        """None: the text has errors; the last picture stays."""
        if flow is None:
            self._note.set_text("文字有错误，图还是改之前的" if self._steps else "改好错误后这里有图")
            return
        self._note.set_text("")
        self._steps = tuple(flow.nodes)
        self._ids = {step: f"n{i}" for i, step in enumerate(self._steps)}
        self._picture.run_method("show", mermaid(flow))

    def _stretch(self) -> None:
        """The picture takes the room of the tools, or gives it back."""
        assert self._column is not None
        self._column.classes(toggle="tall")

    def highlight(self, step: str) -> None:
        self._picture.run_method("highlight", self._ids.get(step, ""))

    def walked(self, steps: Iterable[str], last: str) -> None:
        """Where a rehearsed call has been, and where it is."""
        been = [self._ids[step] for step in dict.fromkeys(steps) if step in self._ids]
        self._picture.run_method("walked", been, self._ids.get(last, ""))

    def _step(self, node: str) -> str:
        place = int(node[1:])
        return self._steps[place] if place < len(self._steps) else ""
