"""`/api/v1/unanswered`."""

import pytest

from tests.unit.web.fakes import NOON, Web
from voicebot.core.answer import Gap
from voicebot.core.ids import ArticleId
from voicebot.operations.unanswered import Asked
from voicebot.web.ports import Role

PATH = "/api/v1/unanswered"


def asked(web: Web, text: str, times: int = 1) -> None:
    for _ in range(times):
        web.unanswered.add(Asked(text, Gap.DENIED, ArticleId("KB001"), 0.41234, "c1", NOON))


async def test_most_asked_first_page_by_page() -> None:
    web = Web()
    for times, word in enumerate("天地人", 1):
        asked(web, f"{word}怎么办", times)
    async with web.client(Role.EDITOR) as client:
        first = (await client.get(PATH, params={"limit": 2})).json()
        rest = (await client.get(PATH, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [one["times"] for one in first["items"]] == [3, 2]
    assert [one["times"] for one in rest["items"]] == [1]
    assert rest["next_cursor"] is None
    one = first["items"][0]
    assert (one["question"], one["gap"], one["article"]) == ("人怎么办", "denied", "KB001")
    assert (one["score"], one["standing"], one["call_id"]) == (0.412, "new", "c1")


async def test_marked_by_whoever_is_signed_in() -> None:
    web = Web()
    asked(web, "养蜜蜂要办证吗")
    async with web.client(Role.EDITOR) as client:
        done = await client.patch(f"{PATH}/1", json={"standing": "made"})
        left = (await client.get(PATH, params={"standing": "new"})).json()
    assert (done.json()["standing"], done.json()["changed_by"]) == ("made", "editor-user")
    assert left["items"] == []


@pytest.mark.parametrize(
    ("number", "body", "status", "code"),
    [
        ("9", {"standing": "made"}, 404, "unanswered.unknown"),
        ("1", {"standing": "lost"}, 422, "request.invalid"),
        ("x", {"standing": "made"}, 422, "request.invalid"),
    ],
)
async def test_refused(number: str, body: dict[str, str], status: int, code: str) -> None:
    web = Web()
    asked(web, "养蜜蜂要办证吗")
    async with web.client(Role.ADMIN) as client:
        answer = await client.patch(f"{PATH}/{number}", json=body)
        broken = await client.get(PATH, params={"cursor": "junk"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert broken.status_code == 422


@pytest.mark.parametrize(("role", "status"), [(Role.SUPERVISOR, 200), (Role.SEAT, 403), (None, 401)])
async def test_for_those_who_look_after_knowledge(role: Role | None, status: int) -> None:
    async with Web().client(role) as client:
        assert (await client.get(PATH)).status_code == status
