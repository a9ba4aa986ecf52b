"""What a flow may not do, beyond its shape: names, questions, wording. Graph matters: `paths`."""

from collections.abc import Iterator, Sequence

from voicebot.core.catalogue import Catalogue
from voicebot.core.ids import FlowName
from voicebot.core.marked_yaml import Location
from voicebot.core.meaning import AppealType, Intent
from voicebot.core.problem import Problem
from voicebot.core.utterance import ExpectKind
from voicebot.dialogue.facts import FACTS
from voicebot.dialogue.flows import MAIN, TICKET_RESULTS
from voicebot.dialogue.paths import check_paths
from voicebot.dialogue.prompt import Prompt
from voicebot.dialogue.schema import (
    AskStep,
    BranchStep,
    CallStep,
    MenuStep,
    RateStep,
    SetStep,
    Step,
    TicketStep,
    TransferStep,
    prompts,
    targets,
)
from voicebot.dialogue.source import Source, nearest
from voicebot.dialogue.tongues import check_languages, defaults, spoken_by_policy
from voicebot.dialogue.wording import alike, prompt_findings
from voicebot.language.pinyin import syllables

LONGEST_GREETING = 32
FIXED_QUEUES = ("紧急", "外语")
"""Every city has them, staffed or not."""

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


def check(sources: Sequence[Source], catalogue: Catalogue, complete: bool) -> Iterator[Problem]:
    """Every finding of every file.

    Args:
        complete: no file is missing, so what refers to another file can be judged.
    """
    yield from _across(sources, complete)
    flows = {s.file.flow for s in sources}
    for source in sources:
        yield from _file(source)
        for name, step in source.nodes.items():
            place: Location = ("steps", name)
            yield from _targets(source, place, step)
            yield from _question(source, place, step)
            yield from _references(source, place, step, catalogue, flows if complete else None)
            yield from _wording(source, place, step)
    yield from check_languages(sources, complete)
    yield from check_paths(sources)


def _across(sources: Sequence[Source], complete: bool) -> Iterator[Problem]:
    owners: dict[tuple[str, str], Source] = {}
    for source in sources:
        file = source.file
        claims = [("flow", str(file.flow), "流程名")]
        claims += [("numbers", number, "号码") for number in file.numbers]
        claims += [("intents", intent.value, "意图") for intent in file.intents]
        claims += [("serves", tag, "语言") for tag in file.serves]
        for field, value, what in claims:
            other = owners.setdefault((field, value), source)
            if other is not source:
                yield source.error(
                    (field,), f"flow.duplicate_{field}", f"{what}「{value}」已被 {other.path} 使用"
                )
    if not complete:
        return
    main = next((s for s in sources if s.file.flow == MAIN), None)
    if main is None:
        path = sources[0].path.rsplit("/", 1)[0] if sources else "ivr_flows"
        yield Problem(path, 0, 0, "flow.no_main", f"缺少主流程「{MAIN}」", "请添加 main.yaml")
        return
    for field in ("anchors", "phrases"):
        if getattr(main.file, field) is None:
            yield main.error((), "flow.incomplete_main", f"主流程缺少 {field}")
    if not main.file.declines or main.file.declines[-1].words:
        yield main.error(("declines",), "flow.incomplete_main", "最后一条必须不带 words，作为其余情况的说法")
    for intent in REQUIRED_INTENTS:
        if ("intents", intent.value) not in owners:
            yield main.error((), "flow.unserved_intent", f"没有流程受理意图「{intent.value}」")


def _file(source: Source) -> Iterator[Problem]:
    file = source.file
    if file.start not in file.steps:
        yield source.error(
            ("start",), "flow.unknown_target", f"找不到节点「{file.start}」", nearest(file.start, file.steps)
        )
    anchors = file.anchors.model_dump(exclude_none=True) if file.anchors else {}
    for field, target in anchors.items():
        place: Location = ("anchors", field)
        if target not in file.steps:
            yield source.error(
                place, "flow.unknown_target", f"找不到节点「{target}」", nearest(target, file.steps)
            )
    for name in file.inputs:
        if name not in file.slots:
            yield source.error(("inputs",), "flow.undeclared_slot", f"「{name}」没有在 slots 里声明")
    if file.phrases and "default" not in file.phrases.failures:
        yield source.error(("phrases", "failures"), "flow.no_default", "缺少 default")
    spoken: list[tuple[Location, Prompt]] = [*defaults(file), *spoken_by_policy(file)]
    spoken += [(("declines", i, "say"), decline.say) for i, decline in enumerate(file.declines)]
    for place, prompt in spoken:
        yield from prompt_findings(source, place, prompt)
    first = source.nodes.get(file.start)
    greeting = getattr(first, "prompt", None) if file.numbers else None
    words = greeting.lines[0].replace("{hotline}", "云江12345") if greeting else ""
    if len(syllables(words)) > LONGEST_GREETING + 6:
        yield source.warning(("steps", file.start, "prompt"), "flow.long_greeting", "开场白超过 32 个音节")


def _targets(source: Source, place: Location, step: Step) -> Iterator[Problem]:
    for field, target in targets(step):
        if target not in source.file.steps:
            yield source.error(
                (*place, *field),
                "flow.unknown_target",
                f"找不到节点「{target}」",
                nearest(target, source.file.steps),
            )


def _question(source: Source, place: Location, step: Step) -> Iterator[Problem]:
    """A question has an answer for everything a caller may do."""
    match step:
        case AskStep():
            yield from _ways_out(source, place, step)
            yield from alike(source, place, step.choices)
        case MenuStep():
            if not step.choices:
                yield source.error(place, "flow.no_choices", "菜单没有选项")
            yield from alike(source, place, step.choices)
        case TicketStep(do="find", many=None) | TicketStep(do="find", none=None):
            yield source.error(place, "flow.missing_target", "do 为 find 时要写 many 和 none")
        case TicketStep(do="change", request=None) | TicketStep(do="change", none=None):
            yield source.error(place, "flow.missing_target", "do 为 change 时要写 request 和 none")
    if isinstance(step, AskStep | MenuStep):
        if isinstance(step, AskStep) and source.file.holds:
            for field in ("on_no_input", "on_no_match"):
                if getattr(step, field) is None:
                    hint = "紧急情况下不能停在这里"
                    yield source.error(place, "flow.missing_target", f"没有 {field}", hint)
        for field in ("no_input", "no_match"):
            if getattr(step, field) is None and getattr(source.file.defaults, field) is None:
                yield source.error(
                    place,
                    f"flow.missing_{field}",
                    f"没有 {field} 的说法",
                    f"写在节点里，或写在 defaults.{field}",
                )


def _ways_out(source: Source, place: Location, step: AskStep) -> Iterator[Problem]:
    match step.expect:
        case ExpectKind.YES_NO if step.yes is None or step.no is None:
            yield source.error(place, "flow.missing_target", "expect 为 yes_no 时要写 yes 和 no")
        case ExpectKind.CHOICE if not step.choices:
            yield source.error(place, "flow.no_choices", "expect 为 choice 时要写 choices")
        case ExpectKind.YES_NO | ExpectKind.CHOICE | ExpectKind.OPEN:
            pass
        case ExpectKind.NOTHING:
            yield source.error((*place, "expect"), "flow.no_answer", "ask 不能什么都不等")
        case _ if step.slot is None:
            yield source.error(place, "flow.no_slot", f"expect 为 {step.expect.value} 时要写 slot")
    if step.slot is not None and step.next is None:
        yield source.error(place, "flow.missing_target", "写了 slot 就要写 next")


def _references(
    source: Source, place: Location, step: Step, catalogue: Catalogue, flows: set[FlowName] | None
) -> Iterator[Problem]:
    """Names of things outside the flow, and slots that nobody declared."""
    match step:
        case TransferStep(queue=str() as queue) if queue not in (*catalogue.queues, *FIXED_QUEUES):
            hint = nearest(queue, catalogue.queues)
            yield source.error((*place, "queue"), "flow.unknown_queue", f"没有队列「{queue}」", hint)
        case CallStep(flow=flow) if flows is not None and flow not in flows:
            yield source.error(
                (*place, "flow"), "flow.unknown_flow", f"没有流程「{flow}」", nearest(flow, flows)
            )
        case BranchStep(on=on):
            if on not in FACTS.keys() | source.file.slots.keys() | TICKET_RESULTS:
                hint = nearest(on, {*FACTS, *source.file.slots})
                yield source.error((*place, "on"), "flow.undeclared_slot", f"「{on}」没有声明", hint)
            yield from _cases(source, place, step, catalogue)
        case AskStep(slot=str() as slot) if slot not in source.file.slots:
            hint = nearest(slot, source.file.slots)
            yield source.error(
                (*place, "slot"), "flow.undeclared_slot", f"「{slot}」没有在 slots 里声明", hint
            )
        case SetStep(slots=slots):
            for slot in slots:
                if slot not in source.file.slots:
                    yield _undeclared(source, (*place, "slots", slot), slot)


def _undeclared(source: Source, place: Location, slot: str) -> Problem:
    hint = nearest(slot, source.file.slots)
    return source.error(place, "flow.undeclared_slot", f"「{slot}」没有在 slots 里声明", hint)


def _cases(source: Source, place: Location, step: BranchStep, catalogue: Catalogue) -> Iterator[Problem]:
    known: dict[str, list[str]] = {
        "department": [d.name for d in catalogue.departments],
        "article": list(catalogue.articles),
        "appeal_type": [t.value for t in AppealType],
        "intent": [i.value for i in Intent],
        "caller_known": ["yes", "no"],
    }
    what = {"department": "部门", "article": "知识条目", "appeal_type": "诉求类型", "intent": "意图"}
    if step.on not in known:
        return
    for i, case in enumerate(step.cases):
        for j, value in enumerate(case.is_):
            if value not in ("*", "", *known[step.on]):
                at = (*place, "cases", i, "is", j)
                label = what.get(step.on, "取值")
                hint = nearest(value, known[step.on])
                yield source.error(at, f"flow.unknown_{step.on}", f"没有{label}「{value}」", hint)


def _wording(source: Source, place: Location, step: Step) -> Iterator[Problem]:
    for field, prompt in prompts(step):
        yield from prompt_findings(source, (*place, *field), prompt)
    if isinstance(step, RateStep) and source.file.holds:
        yield source.error(place, "flow.rate_in_emergency", "紧急流程里不要求评分")
