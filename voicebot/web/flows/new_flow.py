"""A new flow from a template."""

import re
from typing import TYPE_CHECKING, Any, Final

from nicegui import ui

from voicebot.operations.content import Draft
from voicebot.operations.content_kinds import Kind, flow_path, kind_of
from voicebot.web.flows.templates import TEMPLATES, filled
from voicebot.web.flows.who import Visit
from voicebot.web.shell.widgets import Choice, Dialog, able, box, button, text

if TYPE_CHECKING:
    from voicebot.web.flows.listing import Listing

NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,30}")


def why_not(name: str, taken: set[str]) -> str:
    """What is wrong with the name of a new flow, "" when it may be used."""
    if not NAME.fullmatch(name) or kind_of(flow_path(name)) is not Kind.FLOW:
        return "名字用小写英文字母、数字和下划线，字母开头，例如 move_car"
    return "已经有这个名字的流程" if name in taken else ""


def ask_new(visit: Visit, listing: "Listing | None") -> None:
    """Asks for name, title and template; the new flow is a draft of its author."""
    taken = {name for row in listing.rows for name in (row.name, row.flow)} if listing else set()
    given = {"name": "", "title": ""}
    dialog = Dialog("新建流程", "publish")

    async def nothing() -> None:
        """The template is read when it is used."""

    async def create() -> None:
        content = filled(template.value, given["name"], given["title"])
        await dialog.close_and(_begin(visit, given["name"], content))

    def typed(field: str) -> Any:
        def take(event: Any) -> None:
            given[field] = str(event.args)
            reason = why_not(given["name"], taken) if given["name"] else ""
            wrong.set_text(reason)
            able(go, bool(given["name"] and not reason and given["title"].strip()))

        return take

    with dialog.body:
        _field("名称（来电人听不到，大家怎么叫它）", "例如：挪车", typed("title"))
        _field("名字（文件名，别的流程用它来转入）", "例如：move_car", typed("name"))
        wrong = text("", "wrong", "p")
        with box("field", "label"):
            text("从哪个样子开始")
            template = Choice("样子", [(key, one.words) for key, one in TEMPLATES.items()], nothing)
        with box("buttons"):
            button("取消", dialog.close)
            go = button("新建", create, "primary")
        able(go, False)
    dialog.open()


async def _begin(visit: Visit, name: str, content: str) -> None:
    if await visit.may_act():
        draft = Draft(flow_path(name), visit.account.name, 0, content, visit.desk.clock.now())
        await visit.desk.store.save_draft(draft)
        ui.navigate.to(f"/{name}")


def _field(label: str, example: str, typed: Any) -> None:
    with box("field", "label"):
        text(label)
        field = box("", "input")
        field.props.update({"type": "text", "placeholder": example, "maxlength": 40})
        field.on("input", typed, js_handler="(e) => emit(e.target.value)")
