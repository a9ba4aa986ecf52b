"""Findings about what is spoken: prompts, labels and keys of choices."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from voicebot.core.ids import MANDARIN
from voicebot.core.marked_yaml import Location
from voicebot.core.problem import Problem
from voicebot.dialogue.checking.references import undeclared_variables
from voicebot.dialogue.checking.source import Source, shown
from voicebot.dialogue.flows import VARIABLE
from voicebot.dialogue.prompt import PLAIN, Prompt
from voicebot.dialogue.schema import Choice
from voicebot.language.pinyin import distance, syllables

LONGEST_SPOKEN: Final = 60
LONGEST_FOREIGN: Final = 160
"""Characters; a Chinese one is a syllable, a Latin one a third of one."""
NEVER_SPOKEN: Final = 2
"""So many times the longest nobody listens to: refused."""
HUMAN_KEY: Final = "0"
KEYS: Final = "123456789*#"
NEAR: Final = 0.2
"""Mean distance a syllable within which understanding takes one for the other (`pinyin.find`)."""
LONGEST_LABEL: Final = 20
MOST_CHOICES: Final = len(KEYS)
_WIDE: Final = str.maketrans("０１２３４５６７８９＊＃", "0123456789*#")
_BRACES: Final = re.compile(r"[{｛][^{}｛｝]*[}｝]?")


def alike(source: Source, place: Location, choices: Sequence[Choice]) -> Iterator[Problem]:
    used: dict[str, int] = {}
    for i, choice in enumerate(choices):
        at: Location = (*place, "choices", i, "key")
        if choice.key == HUMAN_KEY:
            message, hint = "0 键固定用于转人工", "请换 1 到 9"
            yield source.error(at, "flow.reserved_key", message, hint)
        elif len(choice.key) != 1 or choice.key not in KEYS:
            plain = choice.key.translate(_WIDE).strip("\"'“”‘’「」 ")
            hint = (
                f"是否指 {plain}？"
                if plain != choice.key and plain in KEYS
                else "只能是 1 到 9、* 或 # 中的一个"
            )
            yield source.error(at, "flow.bad_key", f"「{shown(choice.key)}」不是一个按键", hint)
        if choice.key in used:
            message = f"按键「{shown(choice.key)}」用了两次"
            hint = f"「{shown(choices[used[choice.key]].label)}」已经用了它"
            yield source.error(at, "flow.duplicate_key", message, hint)
        used.setdefault(choice.key, i)
        if not choice.label.strip():
            yield source.error(
                (*at[:-1], "label"), "flow.empty_label", "选项没有说法", "写来电人会怎么说，例如 登记"
            )
    labelled = [(i, c.label) for i, c in enumerate(choices[: 2 * MOST_CHOICES]) if c.label.strip()]
    for (_, one), (j, other) in combinations(labelled, 2):
        if _sound_alike(one, other):
            message = f"「{shown(other)}」和「{shown(one)}」听起来太像"
            yield source.error((*place, "choices", j, "label"), "flow.sounds_alike", message, "请换一种说法")


def _sound_alike(one: str, other: str) -> bool:
    first, second = sound(one), sound(other)
    if f" {first} " in f" {second} " or f" {second} " in f" {first} ":
        return True
    a, b = syllables(one[:LONGEST_LABEL]), syllables(other[:LONGEST_LABEL])
    return len(a) == len(b) and sum(map(distance, a, b)) <= NEAR * len(a)


def sound(text: str) -> str:
    """Syllables with what telephone lines and accents confuse made equal (zh/z, n/l, ng/n …)."""
    return " ".join(_fold(syllable) for syllable in syllables(text[:LONGEST_LABEL]))


def _fold(syllable: str) -> str:
    for old, new in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"), ("hu", "f")):
        if syllable.startswith(old):
            syllable = new + syllable[len(old) :]
            break
    return syllable[:-1] if syllable.endswith("ng") else syllable


def prompt_findings(source: Source, place: Location, prompt: Prompt) -> Iterator[Problem]:
    lines = list(prompt.all_lines())
    if not lines or not all(prompt.wordings.values()) or not all(text.strip() for *_, text in lines):
        yield source.error(place, "flow.empty_prompt", "没有要说的话", "写一句话，或删除这一项")
    for key, i, text in lines:
        at = line_of(source, place, key, i)
        yield from _length(source, at, key, text)
        yield from undeclared_variables(source, at, text)
        yield from _odd_braces(source, at, text)
        if text.startswith("-"):
            hint = "写成「- 」加文字；真要念减号请写汉字"
            yield source.error(at, "flow.dash_in_text", "「-」后面少了空格，会和下面的句子连成一句", hint)


def _length(source: Source, at: Location, key: str, text: str) -> Iterator[Problem]:
    longest = LONGEST_SPOKEN if key in (MANDARIN, PLAIN) else LONGEST_FOREIGN
    length = len(VARIABLE.sub("", text))
    if length <= longest:
        return
    message, hint = f"一次说了 {length} 个字，超过 {longest} 字", "请分成几句"
    if length > NEVER_SPOKEN * longest:
        yield source.error(at, "flow.endless_prompt", message, hint)
    else:
        yield source.warning(at, "flow.long_prompt", message, hint)


def _odd_braces(source: Source, at: Location, text: str) -> Iterator[Problem]:
    """Braces that hold no name: they would be read out."""
    for found in _BRACES.findall(text):
        if not VARIABLE.fullmatch(found):
            name = found.strip("{}｛｝ ")
            hint = "花括号里只能是一个变量名，后面可以加 :digits（逐字念）或 :number（念成数量）"
            hint = f"应写成 {{{shown(name)}}}" if re.fullmatch(r"\w+", name) else hint
            yield source.error(at, "flow.bad_variable", f"「{shown(found)}」不是变量", hint)


def line_of(source: Source, place: Location, key: str, number: int) -> Location:
    """Where a sentence stands, however the prompt is written; its own line if it has one."""
    ways: tuple[Location, ...] = ((*place, key, number), (*place, key), (*place, number))
    return next((at for at in ways if at in source.document.marks), place)
