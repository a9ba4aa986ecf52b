"""What is legal but bad: warnings that keep nobody from publishing."""

import re
from collections.abc import Iterator
from typing import Final

from voicebot.core.ids import MANDARIN
from voicebot.core.marked_yaml import Location
from voicebot.core.problem import Problem
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue.checking.paths import entries, reach
from voicebot.dialogue.checking.question_habits import COMMANDS, PERSON, WIDE_LIST, step_habits
from voicebot.dialogue.checking.source import Source, item_of, shown
from voicebot.dialogue.checking.tongues import defaults, spoken_by_policy
from voicebot.dialogue.checking.unfilled import reads
from voicebot.dialogue.checking.wording import line_of
from voicebot.dialogue.flows import TICKET_RESULTS
from voicebot.dialogue.prompt import PLAIN, Prompt
from voicebot.dialogue.schema import (
    AskStep,
    CallStep,
    EndStep,
    NotifyStep,
    TicketStep,
    TransferStep,
    prompts,
    targets,
)

_UNSPEAKABLE: Final = re.compile(r"https?:|www\.|\w@\w|</?[a-z]+>|[a-z]{5,}", re.IGNORECASE)


def check_habits(source: Source) -> Iterator[Problem]:
    """Args: source: without errors."""
    for name, step in source.nodes.items():
        place: Location = ("steps", name)
        yield from step_habits(source, place, step)
        for field, prompt in prompts(step):
            yield from _read_badly(source, (*place, *field), prompt)
    spoken = [*defaults(source.file), *spoken_by_policy(source.file)]
    spoken += [(("declines", i, "say"), decline.say) for i, decline in enumerate(source.file.declines)]
    for place, prompt in spoken:
        yield from _read_badly(source, place, prompt)
    yield from _calling_words(source)
    yield from _doubles(source)
    yield from _unconfirmed(source)
    yield from _unused(source)
    yield from _named_otherwise(source)


# ── words ───────────────────────────────────────────────────────────────────────────────────


def _read_badly(source: Source, place: Location, prompt: Prompt) -> Iterator[Problem]:
    for key, i, text in prompt.all_lines():
        at = line_of(source, place, key, i)
        spoken_in_hanzi = key in (MANDARIN, PLAIN)
        if spoken_in_hanzi and (found := _UNSPEAKABLE.search(re.sub(r"\{\w+\}", "", text))):
            message = f"「{shown(found[0])}」会被一个字母一个字母地念"
            yield source.warning(
                at, "flow.badly_read", message, "网址、邮箱和英文请改成中文说法，或用短信发送"
            )
        if text.count('"') % 2:
            message, hint = '引号「"」只有一半', "补上另一半，或删除它"
            yield source.warning(at, "flow.half_quoted", message, hint)
        line = source.document.lines[source.document.mark(at)[0] - 1]
        if _is_cut(line, text):
            message = "「 #」后面的文字被当作注释，不会念出来"
            yield source.warning(at, "flow.cut_off", message, "请给整句加引号")


def _is_cut(line: str, text: str) -> bool:
    """``按 #号键结束`` without quotes: YAML takes what follows the blank for a comment."""
    end = line.find(text)
    return end >= 0 and re.match(r"\s+#[^\s#]", line[end + len(text) :]) is not None and bool(text)


# ── the file as a whole ─────────────────────────────────────────────────────────────────────


def _doubles(source: Source) -> Iterator[Problem]:
    seen: dict[object, str] = {}
    for name, step in source.nodes.items():
        if isinstance(step, EndStep) and step.prompt is None:
            continue
        content = step.model_dump_json(exclude={"label"}, exclude_defaults=True)
        first = seen.setdefault(content, name)
        if first != name:
            message = f"和节点 {shown(first)} 完全一样"
            yield source.warning(
                ("steps", name), "flow.same_step", message, f"让指向它的节点直接指向 {shown(first)}"
            )


def _unconfirmed(source: Source) -> Iterator[Problem]:
    """A ticket that nobody has confirmed."""
    graph = {
        name: ()
        if isinstance(step, AskStep) and step.expect is ExpectKind.YES_NO
        else [t for _, t in targets(step)]
        for name, step in source.nodes.items()
    }
    for name in sorted(reach(graph, entries(source))):
        step = source.nodes[name]
        if isinstance(step, TicketStep) and step.do == "create":
            message, hint = "登记之前没有复述并确认", "先用 ask（expect: yes_no）复述：{recap}，对吗？"
            yield source.warning(("steps", name), "flow.unconfirmed_ticket", message, hint)


def _calling_words(source: Source) -> Iterator[Problem]:
    """Words that bring callers here, and would bring none or too many."""
    for i, word in enumerate(source.file.words):
        place = item_of(source, ("words",), i)
        if len(word.strip()) < 2:
            message, hint = f"「{shown(word)}」太短，说别的事也会被带到这里", "写两个字以上的词"
            yield source.warning(place, "flow.short_word", message, hint)
        elif WIDE_LIST.search(word):
            message, hint = (
                f"「{shown(word)}」是一个整体，不会分成几项",
                "每项之间用半角逗号，例如 [挪车, 移车]",
            )
            yield source.warning(place, "flow.wide_comma", message, hint)
        elif word in COMMANDS or PERSON.fullmatch(word):
            message = f"来电人说「{shown(word)}」另有用处，不会走到这里"
            yield source.warning(place, "flow.word_is_command", message, "请换一个词")


def _named_otherwise(source: Source) -> Iterator[Problem]:
    """Test calls and pages find a flow by the name of its file."""
    name = source.path.rsplit("/", 1)[-1].removesuffix(".yaml")
    if name != source.file.flow:
        message = f"文件名是 {shown(name)}.yaml，流程名却是 {shown(source.file.flow)}"
        hint = f"写成 flow: {shown(name)}，或给文件改名"
        yield source.warning(("flow",), "flow.other_name", message, hint)


def _unused(source: Source) -> Iterator[Problem]:
    """Slots that are filled and never used, or not even filled."""
    steps = source.nodes.values()
    if any(isinstance(step, TicketStep | TransferStep | CallStep) for step in steps):
        return  # a ticket, a person or another flow takes them over
    used = {name for step in steps for _, name in reads(step)} | set(source.file.outputs)
    if "recap" in used or any(isinstance(step, NotifyStep) for step in steps):
        used |= {name for name, label in source.file.slots.items() if label}
    filled = {step.slot for step in steps if isinstance(step, AskStep)}
    for name in source.file.slots.keys() - used - TICKET_RESULTS - set(source.file.inputs):
        message = (
            f"「{shown(name)}」问了，但没有用到" if name in filled else f"「{shown(name)}」声明了，但没有用到"
        )
        yield source.warning(("slots", name), "flow.unused_slot", message, "在提示语里用它，或删除它")
