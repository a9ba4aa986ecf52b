"""Which questions stayed open: for the list of those who own the knowledge."""

import re
from typing import Final

from voicebot.core.answer import Answer, Gap
from voicebot.core.meaning import Meaning
from voicebot.dialogue.events import Heard
from voicebot.dialogue.replies import Reply
from voicebot.dialogue.run import Run
from voicebot.dialogue.schema import AnswerStep, target
from voicebot.dialogue.steering import covers

PERSONAL: Final = {"name": "姓名", "phone": "电话", "address": "地址", "ticket_no": "工单号", "plate": "车牌"}
"""Details that tell who asks; they are replaced by their kind."""
_EXACT: Final = re.compile(r"[0-9零〇一二三四五六七八九十百]+(?:号|栋|幢|座|单元|室|楼|层|弄|组)")
"""An address is personal when it names a house; a street or an office is part of the question."""


def nameless(text: str, meaning: Meaning) -> str:
    """The question without what tells who asks.

    >>> from voicebot.core.meaning import Intent, Slot
    >>> known = Meaning(Intent.FAQ, 0.9, slots={"name": Slot("王小明", "王小明")})
    >>> nameless("我叫王小明，居住证怎么办", known)
    '我叫〔姓名〕，居住证怎么办'
    """
    for name, label in PERSONAL.items():
        slot = meaning.slots.get(name)
        if slot and slot.span and (name != "address" or _EXACT.search(slot.span)):
            text = text.replace(slot.span, f"〔{label}〕")
    return text.strip()


def note_no_answer(run: Run, event: Heard) -> None:
    near = event.answer if isinstance(event.answer, Answer) else event.answer.best
    run.note_gap(Gap.NO_ANSWER, nameless(event.utterance.text, event.meaning), near)


def note_missing_part(run: Run, event: Heard, aspect: str) -> None:
    """A follow-up to which the article in focus says nothing."""
    focus = run.state.focus
    if aspect and focus and not covers(run.state, aspect):
        question = nameless(event.utterance.text, event.meaning)
        run.note_gap(Gap.NO_ANSWER, f"{focus.title}：{question}", focus)


def note_left(run: Run, answer: Answer | None) -> None:
    """The caller was asked back about an article, and asks something else instead."""
    doubt = run.state.doubt
    if doubt is not None and not confirms(run, answer):
        run.note_gap(Gap.DENIED, run.state.asked, doubt)


def note_denial(run: Run, reply: Reply) -> None:
    """An article that was asked back about was not meant, or an answer did not help."""
    state = run.state
    flow, anchors = run.flows.anchored(state.base)
    following = target(run.node, reply.way) if reply.way and state.flow == flow else None
    if following is None:
        return
    if state.node in (anchors.doubt, anchors.choose):
        if not isinstance(run.flow.nodes[following], AnswerStep):
            run.note_gap(Gap.DENIED, state.asked, state.doubt)
    elif following == anchors.unsolved:
        run.note_gap(Gap.UNHELPFUL, state.asked, state.focus)


def confirms(run: Run, answer: Answer | None) -> bool:
    """`answer` is one that the caller was just asked back about."""
    doubt = run.state.doubt
    if doubt is None or answer is None:
        return False
    return answer.article in (doubt.article, doubt.rival.article if doubt.rival else None)
