"""`/flows/{name}`: one flow: its text and test calls, its drawing, trial calls, versions."""

from nicegui import ui
from starlette.requests import Request

from voicebot.operations.content_kinds import Kind, flow_path, kind_of
from voicebot.web.flows.editor import Editor
from voicebot.web.flows.header import title_of
from voicebot.web.flows.listing import TESTS_SUFFIX, name_of
from voicebot.web.flows.sheets import open_sheet
from voicebot.web.flows.vocabulary import vocabulary
from voicebot.web.flows.who import Visit
from voicebot.web.shell.widgets import box, link, page_style, tell_of_faults, text


def register() -> None:
    ui.page("/flows/{name}")(_page)


async def _page(request: Request, name: str) -> None:
    visit = Visit.of(request)
    page_style()
    tell_of_faults()
    path, tests = flow_path(name), flow_path(name).removesuffix(".yaml") + TESTS_SUFFIX
    if kind_of(path) is not Kind.FLOW:
        _unknown(name)
        return
    store, author = visit.desk.store, visit.account.name
    sheet = await open_sheet(store, path, author)
    if sheet.live is None and not sheet.draft and not sheet.others and not sheet.trial:
        _unknown(name)
        return
    ui.page_title(f"{name} · 流程 · 12345 热线")
    live = await store.live()
    flows = [(name_of(t), title_of(t)) for p, t in live.texts.items() if kind_of(p) is Kind.FLOW]
    editor = Editor(visit, sheet, await open_sheet(store, tests, author), vocabulary(flows))
    await ui.context.client.connected()
    await editor.began()


def _unknown(name: str) -> None:
    with box("flows empty-page"):
        text(f"没有流程「{name}」", tag="h1")
        link("回到流程列表", "/flows/")
