"""A file as one author has it in hand: the draft, what it was begun from, and who else writes."""

from collections.abc import Sequence
from dataclasses import dataclass

from voicebot.core.errors import VoicebotError
from voicebot.operations.content import ContentStore, Draft, LiveContent, digest_of
from voicebot.operations.content_kinds import Kind, checked_kind
from voicebot.web.flows.line_ends import restored


@dataclass(frozen=True, slots=True)
class Sheet:
    """One author's view of one file.

    Args:
        text: draft, else what is live, else "".
        base: version that the text was begun from, 0 for a new file.
        draft: there is one; its text differs from what is live.
        seen: digest of the draft, "" without one.
        live, number: what new calls get, and its version (0: not live).
        trial: version on trial for a part of the calls, 0 for none.
        others: drafts of other authors, newest first.
    """

    path: str
    author: str
    text: str
    base: int
    draft: bool
    seen: str
    live: str | None
    number: int
    trial: int
    others: tuple[Draft, ...]

    @property
    def overtaken(self) -> bool:
        """Something was published since the draft was begun."""
        return self.draft and self.base not in (self.number, self.trial)


async def open_sheet(store: ContentStore, path: str, author: str) -> Sheet:
    return _sheet(await store.live(), path, author, await store.drafts(path))


def _sheet(live: LiveContent, path: str, author: str, drafts: Sequence[Draft]) -> Sheet:
    mine = next((draft for draft in drafts if draft.author == author), None)
    number = live.numbers.get(path, 0)
    text = mine.text if mine else live.texts.get(path, "")
    return Sheet(
        path=path,
        author=author,
        text=text,
        base=mine.base if mine else number,
        draft=mine is not None,
        seen=digest_of(mine.text) if mine else "",
        live=live.texts.get(path),
        number=number,
        trial=live.trial_numbers.get(path, 0),
        others=tuple(draft for draft in drafts if draft.author != author),
    )


class Elsewhere(VoicebotError):
    """The same author saved another text from another window.

    Args:
        sheet: what is stored.
    """

    def __init__(self, sheet: Sheet) -> None:
        super().__init__("draft.elsewhere", "这份草稿在您的另一个窗口里改过了")
        self.sheet = sheet


async def keep_draft(store: ContentStore, draft: Draft, seen: str | None) -> Sheet:
    """Saves what an author has typed; a text that is just what is live needs no draft.

    Args:
        draft: its text has the line ends of a browser; the author's are restored.
        seen: digest of the draft that the window knows of, "" for none; None: whatever there is.

    Raises:
        Elsewhere: `seen` is not what is stored; nothing was saved.
        VoicebotError: ``content.path``, ``draft.kind``.
    """
    if checked_kind(draft.path) not in (Kind.FLOW, Kind.TESTS):
        raise VoicebotError("draft.kind", "这里只能修改流程和它的测试通话")
    before = await open_sheet(store, draft.path, draft.author)
    if seen is not None and seen != before.seen:
        raise Elsewhere(before)
    text = restored(draft.text, before.text)
    if text == before.live and draft.base == before.number:
        await store.drop_draft(draft.path, draft.author)
    else:
        await store.save_draft(Draft(draft.path, draft.author, draft.base, text, draft.at))
    return await open_sheet(store, draft.path, draft.author)
