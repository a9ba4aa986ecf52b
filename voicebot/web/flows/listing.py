"""The list of flows: what is live, on trial, in hand, refused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from voicebot.operations.content import Draft, LiveContent, Refusal, Version, digest_of
from voicebot.operations.content_kinds import Kind, kind_of
from voicebot.web.flows.desk import FlowDesk, running_calls
from voicebot.web.flows.header import title_of

TESTS_SUFFIX = ".test.yaml"


@dataclass(frozen=True, slots=True)
class Row:
    """One flow.

    Args:
        name: of its file, as the address has it.
        flow: its own name, by which calls know it.
        version: what is live, None for a flow that is not.
        trial: version on trial, 0 for none; `share`: of calls.
        drafts: of the flow and of its test calls.
        differs: the file in the content folder is another text.
        refused: why the file in the content folder was refused, "" when it was not.
    """

    path: str
    name: str
    flow: str
    title: str
    version: Version | None
    trial: int
    share: float
    drafts: tuple[Draft, ...]
    differs: bool
    refused: str


@dataclass(frozen=True)
class Listing:
    """Args: running: flow → calls in it now."""

    rows: tuple[Row, ...]
    running: Mapping[str, int]
    refusals: Sequence[Refusal]


async def listing(desk: FlowDesk) -> Listing:
    live = await desk.store.live()
    drafts, refusals = await desk.store.drafts(), await desk.store.refusals()
    paths = sorted({p for p in (*live.texts, *live.trial, *_paths(drafts)) if kind_of(p) is Kind.FLOW})
    versions = {path: await _live_version(desk, live, path) for path in paths}
    rows = tuple(row_of(path, live, versions[path], drafts, refusals) for path in paths)
    return Listing(rows, await running_calls(desk.calls), refusals)


def _paths(drafts: Sequence[Draft]) -> Iterator[str]:
    """Flows that drafts belong to."""
    for draft in drafts:
        yield (
            draft.path.removesuffix(TESTS_SUFFIX) + ".yaml"
            if draft.path.endswith(TESTS_SUFFIX)
            else draft.path
        )


async def _live_version(desk: FlowDesk, live: LiveContent, path: str) -> Version | None:
    number = live.numbers.get(path)
    history = await desk.store.history(path) if number else ()
    return next((version for version in history if version.number == number), None)


def row_of(
    path: str,
    live: LiveContent,
    version: Version | None,
    drafts: Sequence[Draft],
    refusals: Sequence[Refusal],
) -> Row:
    name = path.rsplit("/", 1)[-1].removesuffix(".yaml")
    mine = tuple(draft for draft in drafts if draft.path in (path, path.removesuffix(".yaml") + TESTS_SUFFIX))
    content = live.texts.get(path) or next((draft.text for draft in mine if draft.path == path), "")
    seen = live.seen.get(path)
    refused = [str(p) for refusal in refusals if path in refusal.files for p in refusal.problems]
    return Row(
        path=path,
        name=name,
        flow=name_of(content) or name,
        title=title_of(content) or name,
        version=version,
        trial=live.trial_numbers.get(path, 0),
        share=live.share,
        drafts=mine,
        differs=seen is not None and seen != digest_of(live.texts.get(path)),
        refused=refused[0] if refused else "",
    )


def page_of(name: str) -> str:
    """Address of the editor of a flow's file."""
    return f"/flows/{quote(name)}"


def name_of(content: str) -> str:
    """What a flow calls itself, read from its text even while that has mistakes."""
    lines = (line for line in content.splitlines() if line.startswith("flow:"))
    return next(lines, "flow:").removeprefix("flow:").split("#")[0].strip(" \"'")
