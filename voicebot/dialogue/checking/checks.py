"""What a flow may not do, beyond its shape, and how all rules are put together.

The rules are in files of their own: `references` (names), `question_rules`, `wording` (what is spoken),
`tongues` (languages), `paths`, `circles` and `unfilled` (ways through the graph), `habits` and
`question_habits` (legal but bad).
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from voicebot.core.catalogue import Catalogue
from voicebot.core.ids import FlowName
from voicebot.core.marked_yaml import Location
from voicebot.core.meaning import Intent
from voicebot.core.problem import Problem, Severity
from voicebot.dialogue.checking.circles import passed
from voicebot.dialogue.checking.habits import check_habits
from voicebot.dialogue.checking.paths import check_paths
from voicebot.dialogue.checking.question_rules import check_question
from voicebot.dialogue.checking.references import World, check_inputs, check_names, check_references
from voicebot.dialogue.checking.source import Source, item_of, nearest, shown
from voicebot.dialogue.checking.tongues import check_languages, defaults, spoken_by_policy
from voicebot.dialogue.checking.wording import prompt_findings
from voicebot.dialogue.flows import MAIN, WAITING
from voicebot.dialogue.prompt import Prompt
from voicebot.dialogue.schema import AskStep, Step, prompts, targets
from voicebot.language.pinyin import syllables

LONGEST_GREETING = 32
ENDINGS = ("end", "done", "exit", "stop", "finish", "home", "return", "hang_up", "hangup", "结束", "挂机")
REQUIRED_INTENTS = (
    Intent.TICKET,
    Intent.TICKET_STATUS,
    Intent.HUMAN,
    Intent.RATING,
    Intent.EMERGENCY_110,
    Intent.EMERGENCY_119,
    Intent.EMERGENCY_120,
    Intent.EMERGENCY_122,
)


def check(
    sources: Sequence[Source], catalogue: Catalogue, complete: bool, hidden: Collection[FlowName] | None = ()
) -> Iterator[Problem]:
    """Every finding of every file; what is only bad is not told of a file that has errors yet.

    Args:
        complete: no file is missing, so what refers to another file can be judged.
        hidden: names of flows whose files are missing; None: nobody knows which.
    """
    found = list(_errors(sources, catalogue, complete, hidden))
    yield from found
    wrong = {problem.path for problem in found if problem.severity is Severity.ERROR}
    for source in sources:
        if source.clean and source.path not in wrong:
            yield from check_habits(source)


def _errors(
    sources: Sequence[Source], catalogue: Catalogue, complete: bool, hidden: Collection[FlowName] | None
) -> Iterator[Problem]:
    yield from _across(sources, complete)
    named = _named(sources)
    unclear = [s.file.flow for s in sources if named.get(s.file.flow) is not s]
    world = World(catalogue, named, None if hidden is None else [*hidden, *unclear])
    for source in sources:
        yield from _file(source)
        for name, step in source.nodes.items():
            yield from check_question(source, ("steps", name), step)
        for name, step in {**source.nodes, **source.partial}.items():
            place: Location = ("steps", name)
            yield from _targets(source, place, step)
            yield from check_references(source, place, step, world)
            yield from _wording(source, place, step)
    yield from check_languages(sources, complete)
    yield from check_paths(list(named.values()))


def _named(sources: Sequence[Source]) -> dict[FlowName, Source]:
    """By the name of their flow; without those that claim the same."""
    claims = Counter(source.file.flow for source in sources)
    return {s.file.flow: s for s in sources if claims[s.file.flow] == 1}


def _across(sources: Sequence[Source], complete: bool) -> Iterator[Problem]:
    owners: dict[tuple[str | int, str], list[tuple[Source, Location, str]]] = {}
    for source in sources:
        for place, value, what in _claims(source):
            owners.setdefault((place[0], value), []).append((source, place, what))
    for (field, value), claims in owners.items():
        for source, place, what in claims if len(claims) > 1 else ():
            other = next((o.path for o, _, _ in claims if o is not source), source.path)
            message = f"{what}「{shown(value)}」已被 {other} 使用"
            yield source.error(place, f"flow.duplicate_{field}", message, "请换一个，或从那边删除")
    if not complete:
        return
    main = next((s for s in sources if s.file.flow == MAIN), None)
    if main is None:
        path = sources[0].path.rsplit("/", 1)[0] if sources else "ivr_flows"
        yield Problem(path, 0, 0, "flow.no_main", f"缺少主流程「{MAIN}」", "请添加 main.yaml")
        return
    for field in ("anchors", "phrases"):
        if getattr(main.file, field) is None and main.sure(field):
            yield main.error((), "flow.incomplete_main", f"主流程缺少 {field}")
    if main.sure("declines") and (not main.file.declines or main.file.declines[-1].words):
        yield main.error(("declines",), "flow.incomplete_main", "最后一条必须不带 words，作为其余情况的说法")
    sure = all(source.sure("intents") for source in sources)
    for intent in REQUIRED_INTENTS if sure else ():
        if ("intents", intent.value) not in owners:
            yield main.error((), "flow.unserved_intent", f"没有流程受理意图「{intent.value}」")


def _claims(source: Source) -> Iterator[tuple[Location, str, str]]:
    """What only one file may have."""
    file = source.file
    if source.sure("flow"):
        yield ("flow",), str(file.flow), "流程名"
    yield from ((("numbers", i), number, "号码") for i, number in enumerate(file.numbers))
    yield from ((("intents", i), intent.value, "意图") for i, intent in enumerate(file.intents))
    yield from ((("words", i), word, "词语") for i, word in enumerate(file.words))
    yield from ((("serves", tag), tag, "语言") for tag in file.serves)


def _file(source: Source) -> Iterator[Problem]:
    file = source.file
    named: list[tuple[Location, str]] = [(("start",), file.start)] if source.sure("start") else []
    if source.sure("anchors") and file.anchors:
        named += [(("anchors", f), t) for f, t in file.anchors.model_dump(exclude_none=True).items()]
    if source.sure("defaults"):
        ways = ((field, getattr(file.defaults, field)) for field in ("on_no_input", "on_no_match"))
        named += [(("defaults", field), target) for field, target in ways if target is not None]
    for place, target in named:
        yield from _target(source, place, target)
    if source.sure("slots"):
        yield from check_names(source)
        yield from check_inputs(source)
    if file.phrases and source.sure("phrases") and "default" not in file.phrases.failures:
        hint = "default：其余故障时说的话"
        yield source.error(("phrases", "failures"), "flow.no_default", "缺少 default", hint)
    if file.flow == WAITING:
        yield from _waiting(source)
    urgent = [intent.value for intent in file.intents if intent.emergency_number]
    if urgent and not file.holds and source.sure("holds"):
        message = f"受理 {urgent[0]} 的流程必须写 holds: true"
        yield source.error(("intents",), "flow.emergency_must_hold", message, "紧急情况下静音不挂机")
    spoken: list[tuple[Location, Prompt]] = [*defaults(file), *spoken_by_policy(file)]
    spoken += [(("declines", i, "say"), decline.say) for i, decline in enumerate(file.declines)]
    for place, prompt in spoken:
        yield from prompt_findings(source, place, prompt)
    yield from _numbers(source)
    yield from _greeting(source)


def _waiting(source: Source) -> Iterator[Problem]:
    """Whoever waits for a person comes back to a step of this flow from everywhere."""
    if not source.sure("anchors"):
        return
    if source.file.anchors is None:
        hint = "home 写来电人等人工时停的那一步"
        yield source.error((), "flow.waiting_without_anchors", "排队流程要写 anchors", hint)
        return
    home = source.nodes.get(source.file.anchors.home)
    if home is not None and not (isinstance(home, AskStep) and (home.is_open or home.choices)):
        message, hint = "排队流程的 home 要听来电人说话", "用 kind: ask，写 choices"
        yield source.error(("anchors", "home"), "flow.waiting_home", message, hint)


def _numbers(source: Source) -> Iterator[Problem]:
    for i, number in enumerate(source.file.numbers):
        if not re.fullmatch(r"[0-9]{2,20}", number):
            at = item_of(source, ("numbers",), i)
            message = f"「{shown(number)}」不是电话号码"
            yield source.error(at, "flow.bad_number", message, '只写数字，例如 ["12345"]')


def _greeting(source: Source) -> Iterator[Problem]:
    """What a caller hears first: the first step that speaks, behind whatever branches."""
    waiting, seen = [source.file.start] if source.file.numbers else [], set[str]()
    while waiting:
        name = waiting.pop()
        step = source.nodes.get(name)
        if step is None or name in seen:
            continue
        seen.add(name)
        greeting: Prompt | None = getattr(step, "prompt", None)
        if greeting is None:
            waiting += passed(step)
        elif greeting.lines and not greeting.lines[0].startswith("-"):  # several that run together
            yield from _long_greeting(source, name, greeting.lines[0])


def _long_greeting(source: Source, name: str, text: str) -> Iterator[Problem]:
    words = text.replace("{hotline}", "云江12345")
    count = len(syllables(words[: 10 * LONGEST_GREETING]))
    if count > LONGEST_GREETING + 6:
        message = f"开场白有 {count} 个音节，超过 {LONGEST_GREETING} 个"
        hint = "只说是谁、录音提示和一个问题"
        yield source.warning(("steps", name, "prompt"), "flow.long_greeting", message, hint)


def _target(source: Source, place: Location, target: str) -> Iterator[Problem]:
    steps = source.file.steps
    if target not in steps and target not in source.astray:
        hint = (
            nearest(target, steps)
            or _ending(target)
            or f"现有：{'、'.join(shown(name) for name in list(steps)[:8])}"
        )
        yield source.error(place, "flow.unknown_target", f"找不到节点「{shown(target)}」", hint)


def _ending(target: str) -> str:
    """There are no steps that every flow has."""
    return "要结束，请加一个 kind: end 的节点" if target in ENDINGS else ""


def _targets(source: Source, place: Location, step: Step) -> Iterator[Problem]:
    for field, target in targets(step):
        if field[0] in ("on_no_input", "on_no_match") and target == getattr(source.file.defaults, field[0]):
            continue  # told once, where it is written
        yield from _target(source, (*place, *field), target)


def _wording(source: Source, place: Location, step: Step) -> Iterator[Problem]:
    for field, prompt in prompts(step):
        yield from prompt_findings(source, (*place, *field), prompt)
