"""Findings about what is spoken: prompts, labels and keys of choices."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from voicebot.core.ids import MANDARIN
from voicebot.core.marked_yaml import Location
from voicebot.core.problem import Problem
from voicebot.dialogue.flows import SYSTEM_VARIABLES, TICKET_RESULTS, VARIABLE
from voicebot.dialogue.prompt import PLAIN, Prompt
from voicebot.dialogue.schema import Choice
from voicebot.dialogue.source import Source, nearest
from voicebot.language.pinyin import syllables

LONGEST_SPOKEN = 60
LONGEST_FOREIGN = 160
"""Characters; a Chinese one is a syllable, a Latin one a third of one."""
HUMAN_KEY = "0"


def alike(source: Source, place: Location, choices: Sequence[Choice]) -> Iterator[Problem]:
    for i, choice in enumerate(choices):
        if choice.key == HUMAN_KEY:
            yield source.error((*place, "choices", i, "key"), "flow.reserved_key", "0 键固定用于转人工")
        elif len(choice.key) != 1 or choice.key not in "123456789*#":
            yield source.error((*place, "choices", i, "key"), "flow.bad_key", f"「{choice.key}」不是一个按键")
    for (i, one), (j, other) in combinations(enumerate(choices), 2):
        if one.key == other.key:
            yield source.error(
                (*place, "choices", j, "key"), "flow.duplicate_key", f"按键「{one.key}」用了两次"
            )
        first, second = sound(one.label), sound(other.label)
        if first == second or f" {first} " in f" {second} " or f" {second} " in f" {first} ":
            yield source.error(
                (*place, "choices", j, "label"),
                "flow.sounds_alike",
                f"「{other.label}」和「{choices[i].label}」听起来太像",
                "请换一种说法",
            )


def sound(text: str) -> str:
    """Syllables with what telephone lines and accents confuse made equal (zh/z, n/l, ng/n …)."""
    return " ".join(_fold(syllable) for syllable in syllables(text))


def _fold(syllable: str) -> str:
    for old, new in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"), ("hu", "f")):
        if syllable.startswith(old):
            syllable = new + syllable[len(old) :]
            break
    return syllable[:-1] if syllable.endswith("ng") else syllable


def prompt_findings(source: Source, place: Location, prompt: Prompt) -> Iterator[Problem]:
    lines = list(prompt.all_lines())
    if not lines or not all(prompt.wordings.values()) or not all(text.strip() for *_, text in lines):
        yield source.error(place, "flow.empty_prompt", "没有要说的话")
    for key, i, text in lines:
        at = _line(source, place, key, i)
        longest = LONGEST_SPOKEN if key in (MANDARIN, PLAIN) else LONGEST_FOREIGN
        if len(VARIABLE.sub("", text)) > longest:
            message = f"一次说了 {len(text)} 个字，超过 {longest} 字"
            yield source.warning(at, "flow.long_prompt", message, "请分成几句")
        declared = SYSTEM_VARIABLES | TICKET_RESULTS | source.file.slots.keys()
        for name in VARIABLE.findall(text):
            if name not in declared:
                yield source.error(
                    at, "flow.undeclared_variable", f"变量「{{{name}}}」没有声明", nearest(name, declared)
                )


def _line(source: Source, place: Location, key: str, number: int) -> Location:
    """Where a sentence stands, however the prompt is written; its own line if it has one."""
    ways: tuple[Location, ...] = ((*place, key, number), (*place, key), (*place, number))
    return next((at for at in ways if at in source.document.marks), place)
