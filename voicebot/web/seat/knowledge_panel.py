"""Knowledge, quick phrases and next steps: found, read to the caller with one click, put into the form."""

from collections.abc import Awaitable, Callable
from typing import Any

from voicebot.core.errors import VoicebotError
from voicebot.web.seat.desk import Advice, Found, SeatPages
from voicebot.web.shell.lasting import button
from voicebot.web.shell.widgets import box, text

Say = Callable[[str], Awaitable[None]]
Put = Callable[[str], Awaitable[None]]


class KnowledgePanel:
    """Args: say: reads a text to the caller. put: adds it to what is written about the call."""

    def __init__(self, pages: SeatPages, say: Say, put: Put) -> None:
        self._pages = pages
        self._say = say
        self._put = put
        with box("finder", "div") as finder:
            finder.props["role"] = "search"
            field = box("seek", "input")
            field.props.update(
                {"type": "search", "aria-label": "查知识", "placeholder": "查知识：居住证怎么办（按 /）"}
            )
        self._field = field
        field.on("change", self._sought, js_handler="(e) => emit(e.target.value)")
        self._results = box("results")
        with self._results:
            text("输入关键词，回车", "note", "p")

    def focus(self) -> None:
        """The next key is typed into the field."""
        self._field.run_method("focus")

    async def _sought(self, event: Any) -> None:
        await self.look_for(str(event.args or ""))

    async def look_for(self, words: str) -> None:
        words = words.strip()[:100]
        if not words:
            return
        try:
            found = await self._pages.find(words)
        except VoicebotError as error:
            self._note(error.message)
            return
        if not found:
            self._note("知识库没有答案。可以记下问题，由知识员补充。")
            return
        self._results.clear()
        with self._results:
            for each in found:
                self._article(each)

    def _note(self, words: str) -> None:
        self._results.clear()
        with self._results:
            text(words, "note", "p")

    def _article(self, found: Found) -> None:
        with box("article", "article"):
            text(found.title, tag="h3")
            text(found.answer, "answer", "p")
            until = f" · 有效至 {found.until}" if found.until else ""
            text(f"{found.article} · {found.source}{until}", "note", "p")
            with box("buttons"):
                button("念给来电人", lambda: self._say(found.answer), "small")
                button("写进工单", lambda: self._put(found.answer), "small")


class Phrases:
    """常用语 of the city, by heading."""

    def __init__(self, pages: SeatPages, say: Say) -> None:
        for heading, sentences in pages.rules().phrases.items():
            text(heading, tag="h3")
            with box("phrases", "ul"):
                for each in sentences:
                    with box("", "li"):
                        text(each)
                        button("念", lambda words=each: say(words), "small", "由热线的声音念给来电人")


def show_advice(advice: tuple[Advice, ...], say: Say, put: Put) -> None:
    """Next steps, best first."""
    names = {"say": "可以说", "ask": "还要问", "do": "下一步"}
    for each in advice[:3]:
        with box(f"advice advice-{each.kind}"):
            text(names.get(each.kind, "提示"), "kind")
            with box("what"):
                text(each.words)
                sure = f" · 把握 {each.score:.0%}" if each.score is not None else ""
                if each.why or sure:
                    text(f"{each.why}{sure}".removeprefix(" · "), "note")
            if each.text and each.kind in ("say", "ask"):
                button("念", lambda words=each.text: say(words), "small", each.text)
            if each.text and each.kind == "say":
                button("写", lambda words=each.text: put(words), "small", "写进工单")
