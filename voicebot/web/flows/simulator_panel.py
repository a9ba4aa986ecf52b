"""试打电话: the author is the caller; what the flow says and does, and where the call stands."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from voicebot.calls.brain import Brain
from voicebot.core.handover import HandoverOutcome
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue.trying.rehearsal import Hangup, Input, Keys, Say, Silence, Turn
from voicebot.dialogue.trying.world import Changing, Filing, Notice, Search
from voicebot.web.flows import rehearsing
from voicebot.web.flows.desk import FlowDesk, local_now
from voicebot.web.flows.rehearsing import Rehearsed, TrialCall, rehearse
from voicebot.web.flows.words import SLOTS, STATES
from voicebot.web.shell.widgets import Choice, box, button, text

KEYS: Final = "1234567890*#"
_PATIENCE: Final = 6.0

Walked = Callable[[Iterable[str], str], None]
"""Steps of this flow that the call has been at, and the one where it is ("" for another flow)."""


class SimulatorPanel:
    """One trial call. After each valid edit it is made again with the same inputs.

    Args:
        walked: told where the call has been.
    """

    def __init__(self, desk: FlowDesk, walked: Walked) -> None:
        self._desk = desk
        self._walked = walked
        self._brain: Brain | None = None
        self._flow = ""
        self._call = TrialCall("")
        self._result: Rehearsed | None = None
        self._turn = asyncio.Lock()
        with box("simulator"):
            self._build_bar()
            with box("talk"):
                self._log = box("talk-room", "ol")
                self._log.props["aria-live"] = "polite"
            self._facts = box("facts")
            self._build_inputs()

    def _build_bar(self) -> None:
        begin = [("flow", "从这个流程开始"), ("", "从来电问候开始")]
        with box("bar settings"):
            self._where = Choice("从哪里开始", begin, self._restart)
            with box("", "details"):
                text("打来时的情况、办事的结果", tag="summary")
                with box("circumstances"):
                    self._build_circumstances()

    def _build_circumstances(self) -> None:
        _field("打来的时间", "datetime-local", self._set_time)
        _field("拨打的号码", "text", self._set_dialled)
        callers = [(rehearsing.CALLER, "来电：有号码"), ("", "来电：号码隐藏")]
        self._caller = Choice("来电号码", callers, self._circumstances)
        self._busy = Choice("线路", [("", "线路：有空"), ("busy", "线路：占满")], self._circumstances)
        self._filing = Choice("登记的结果", rehearsing.FILINGS.items(), self._circumstances)
        self._search = Choice("查询的结果", rehearsing.SEARCHES.items(), self._circumstances)
        self._change = Choice("修改的结果", rehearsing.CHANGES.items(), self._circumstances)
        self._person = Choice("转人工的结果", rehearsing.PERSONS.items(), self._circumstances)
        self._notice = Choice("发消息的结果", rehearsing.NOTICES.items(), self._circumstances)

    def _build_inputs(self) -> None:
        with box("say", "form") as form:
            self._words = box("", "input")
            self._words.props.update(
                {
                    "type": "text",
                    "name": "words",
                    "placeholder": "像来电人一样说话，回车说出",
                    "autocomplete": "off",
                }
            )
            self._words.props["aria-label"] = "来电人说"
            with box("", "button"):
                text("说")
        form.on("submit", self._said, js_handler=_SUBMIT)
        with box("keys"):
            for key in KEYS:
                button(key, lambda key=key: self._do(Keys(key)), "key", f"按 {key}")
            button("不出声", self._be_silent, hint="等到流程提醒")
            button("挂断", lambda: self._do(Hangup()))
            button("退一步", self._back, hint="当最后一次没说过")
            button("重新打", self._restart)

    # ── what the author does ────────────────────────────────────────────────────────────────

    async def _said(self, event: Any) -> None:
        words = str(event.args["words"]).strip()
        if words:
            await self._do(Say(words))

    async def _be_silent(self) -> None:
        seconds = self._result.silence if self._result else 0.0
        await self._do(Silence(seconds if seconds > 0 else _PATIENCE))

    async def _back(self) -> None:
        self._call = self._call.back()
        await self._make()

    async def _restart(self) -> None:
        self._call = replace(self._call.again(), flow=self._flow if self._where.value else "")
        await self._make()

    async def _circumstances(self) -> None:
        outcomes = replace(
            self._call.outcomes,
            ticket=(Filing(self._filing.value),),
            find=(Search(self._search.value),),
            change=(Changing(self._change.value),),
            person=(HandoverOutcome(self._person.value),),
            notify=(Notice(self._notice.value),),
        )
        busy, caller = bool(self._busy.value), self._caller.value
        self._call = replace(self._call, outcomes=outcomes, overload=busy, caller=caller)
        await self._make()

    async def _set_time(self, value: str) -> None:
        self._call = replace(self._call, at=datetime.fromisoformat(value) if value else None)
        await self._make()

    async def _set_dialled(self, value: str) -> None:
        number = "".join(c for c in value if c.isascii() and c.isdigit())
        self._call = replace(self._call, dialled=number or rehearsing.HOTLINE)
        await self._make()

    async def _do(self, given: Input) -> None:
        if self._result is not None and not self._result.turns[-1].ended:
            self._call = self._call.then(given)
            await self._make()

    # ── the call ────────────────────────────────────────────────────────────────────────────

    async def show(self, brain: Brain, flow: str) -> None:
        """The text as it is now; the same call is made in it."""
        self._brain, self._flow = brain, flow
        self._call = replace(self._call, flow=flow if self._where.value else "")
        await self._make()

    async def _make(self) -> None:
        async with self._turn:
            brain, call = self._brain, self._call
            if brain is None:
                return
            at = local_now(self._desk, brain)
            self._result = await asyncio.to_thread(rehearse, brain, call, at)
            self._show()

    def _show(self) -> None:
        self._log.clear()
        if self._result is None:
            return
        with self._log:
            for turn in self._result.turns:
                _show_turn(turn)
        self._show_facts(self._result)
        been = [way.node for turn in self._result.turns for way in turn.trail if way.flow == self._flow]
        last = self._result.turns[-1].state
        here = last.node if last.flow == self._flow else ""
        self._walked([*been, here], here)

    def _show_facts(self, result: Rehearsed) -> None:
        last = result.turns[-1]
        state = last.state
        self._facts.clear()
        with self._facts:
            text("通话已结束" if last.ended else STATES[state.label], "state")
            if not last.ended:
                where = state.node if state.flow == self._flow else f"{state.flow} · {state.node}"
                text(f"节点 {where}", "node")
                if result.expect is not ExpectKind.NOTHING:
                    text(f"在等：{rehearsing.EXPECTS[result.expect]}")
            flows = self._brain.flows.flows.values() if self._brain else ()
            given = {name: label for flow in flows for name, label in flow.labels.items() if label}
            labels = {**SLOTS, **given}
            for name, value in state.slot_values().items():
                text(f"{labels.get(name, name)}：{value}", "slot")


def _field(label: str, kind: str, on_change: Callable[[str], Awaitable[None]]) -> None:
    """A labelled input; `on_change` gets its value."""

    async def changed(event: Any) -> None:
        await on_change(str(event.args))

    with box("circumstance", "label"):
        text(label)
        field = box("", "input")
        field.props.update({"type": kind, "placeholder": rehearsing.HOTLINE, "maxlength": 20})
        field.on("change", changed, js_handler="(e) => emit(e.target.value)")


_SUBMIT: Final = """(event) => {
  event.preventDefault();
  const field = event.target.elements.words;
  emit({ words: field.value });
  field.value = "";
  field.focus();
}"""


def _show_turn(turn: Turn) -> None:
    if given := rehearsing.given_words(turn.given):
        with box("caller", "li"):
            text(given)
            if turn.meaning is not None:
                text(rehearsing.meaning_words(turn.meaning), "meaning")
    said, done = turn.said, list(rehearsing.effect_words(turn))
    if said or done:
        with box("bot", "li"):
            text(said)
            for words in done:
                text(words, "effect")
