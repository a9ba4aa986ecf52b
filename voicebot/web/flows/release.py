"""Publishing, trials and the way back, as the editor's page asks for them."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING

import structlog

from voicebot.core.errors import VoicebotError
from voicebot.core.problem import ContentError
from voicebot.operations.content_changes import Overtaken
from voicebot.web.flows.diffs import show_changes
from voicebot.web.flows.publish_dialog import Order, Outlook, ask_note, ask_publish
from voicebot.web.flows.sheets import Sheet
from voicebot.web.shell.widgets import Dialog, box, button, tell, text

if TYPE_CHECKING:
    from voicebot.web.flows.editor import Editor

log = structlog.get_logger()


class Releaser:
    """Asks, does, and shows what came of it; every action asks first who is there."""

    def __init__(self, editor: "Editor") -> None:
        self._editor = editor

    # ── publishing ──────────────────────────────────────────────────────────────────────────

    async def ask(self) -> None:
        """The window before publishing; nothing when there is nothing to publish, or errors."""
        editor = self._editor
        if not await editor.visit.may_act() or not await editor.flush():
            return
        await editor.recheck()
        verdict, flow, tests = editor.verdict, editor.flow, editor.tests
        if not flow.draft and not tests.draft:
            tell("没有改过，不需要发布", "info")
            return
        if verdict is None or verdict.errors:
            tell("有错误，改好才能发布", "negative")
            return
        failed = None
        if editor.report is not None:
            failed = len({one.script.name for one in editor.report.played if one.failures})
        ask_publish(
            Outlook(
                files="发布：" + "、".join(_file_words(s) for s in (flow, tests) if s.draft),
                running=await self._running(),
                warnings=verdict.warnings,
                failed=failed,
                trial_possible=flow.draft,
            ),
            self._publish,
        )

    async def _running(self) -> int:
        flow = self._editor.verdict.flow if self._editor.verdict else None
        return (await self._editor.desk.outcomes.running(flow.name)).in_flow if flow else 0

    async def _publish(self, order: Order) -> None:
        editor = self._editor
        if not await editor.visit.may_act():
            return
        running = await self._running()
        for sheet in (editor.flow, editor.tests):
            wanted = sheet.draft and (order.share == 1 or sheet is editor.flow)
            if wanted and not await self._do(self._publish_one(sheet, order)):
                return
        await self._after()
        whom = "全部新来电" if order.share == 1 else f"{order.share:.0%} 的新来电"
        still = f"；{running} 通正在进行的通话按原来的版本打完" if running else ""
        tell(f"已发布，{whom}从现在起用它{still}", "positive")

    async def _publish_one(self, sheet: Sheet, order: Order) -> None:
        desk = self._editor.desk
        await desk.publisher.publish(
            sheet.path,
            sheet.text,
            base=sheet.base,
            author=sheet.author,
            note=order.note,
            share=order.share,
        )
        await desk.store.drop_draft(sheet.path, sheet.author)

    # ── trial and the way back ──────────────────────────────────────────────────────────────

    def ask_end_trial(self, *, promote: bool) -> None:
        async def confirmed(note: str) -> None:
            if not await self._editor.visit.may_act():
                return
            author = self._editor.visit.account.name
            ending = self._editor.desk.publisher.end_trial(promote=promote, author=author, note=note)
            if await self._do(ending):
                await self._after()
                tell("试用的版本从现在起给全部新来电用" if promote else "试用已撤回", "positive")

        if promote:
            words = "试用的版本从现在起给全部新来电用；正在进行的通话不受影响。"
            ask_note("全部使用试用版本", words, "全部使用", confirmed, "试用没有问题，全部使用")
        else:
            words = "新来电不再用试用的版本；正在进行的通话不受影响。"
            ask_note("撤回试用", words, "撤回", confirmed, "撤回试用")

    async def go_back(self, path: str, number: int, note: str) -> None:
        """Makes an older version live."""
        editor = self._editor
        if not await editor.visit.may_act():
            return
        author = editor.visit.account.name
        back = editor.desk.publisher.rollback(path, author=author, note=note, to=number)
        if await self._do(back):
            await self._after()
            tell(f"已退回第 {number} 版，新来电从现在起用它", "positive")

    # ── what came of it ─────────────────────────────────────────────────────────────────────

    async def _do(self, action: Awaitable[object]) -> bool:
        """Carries out an action; a refusal is shown with its reasons."""
        try:
            await action
        except ContentError as error:
            log.warning("flows.refused", code=error.code, problems=[str(p) for p in error.problems[:5]])
            await self._editor.recheck()
            _refused("没有发布：检查发现错误", [str(problem) for problem in error.problems])
        except Overtaken as error:
            self._overtaken(error)
            await self._editor.recheck()
        except VoicebotError as error:
            log.warning("flows.refused", code=error.code, detail=error.message)
            _refused("没有办成", [error.message])
        else:
            return True
        return False

    def _overtaken(self, error: Overtaken) -> None:
        """Somebody was first: the difference, both texts kept."""
        dialog = Dialog("没有发布：别人先发布了", "wide")
        with dialog.body:
            text(error.message, tag="p")
            text("下面是您开始修改以后别人改的地方。您的草稿还在，一个字也没有动。", "note", "p")
            show_changes(error.changes)
            with box("buttons"):
                button("知道了", dialog.close, "primary")
        dialog.open()

    async def _after(self) -> None:
        """What is live has changed: the page shows it."""
        editor = self._editor
        had = (editor.flow.draft, editor.tests.draft)
        await editor.read()
        for was, sheet, shown in (
            (had[0], editor.flow, editor.flow_text),
            (had[1], editor.tests, editor.tests_text),
        ):
            if was and sheet.draft:
                continue
            shown.load(sheet)
        await editor.recheck()
        await editor.versions.show(editor.flow, editor.tests)


def _refused(title: str, reasons: list[str]) -> None:
    dialog = Dialog(title, "wide")
    with dialog.body:
        for reason in reasons[:20]:
            text(reason, "reason", "p")
        with box("buttons"):
            button("知道了", dialog.close, "primary")
    dialog.open()


def _file_words(sheet: Sheet) -> str:
    name = sheet.path.rsplit("/", 1)[-1]
    return f"{name}（现在是第 {sheet.number} 版）" if sheet.live is not None else f"{name}（新的）"
