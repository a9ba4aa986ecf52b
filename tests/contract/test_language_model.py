"""The port `LanguageModel`: the adapter against a real server on loopback, and the fake of the call tests."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.fakes.model import FakeModel
from tests.peers.completions_server import REPLY, completions
from voicebot.adapters.llm import ChatCompletions, LlmOptions, check_place
from voicebot.adapters.llm import chat_completions as adapter
from voicebot.adapters.llm.trial import try_model
from voicebot.adapters.wall_clock import WallClock
from voicebot.bootstrap.llm import open_helper
from voicebot.calls.helper import Helper, LanguageModel
from voicebot.core.errors import VoicebotError
from voicebot.understanding.assist import Prompt

pytestmark = pytest.mark.integration

PROMPT = Prompt("只输出 JSON。", '{"caller": "居住证怎么办"}', 64)


def options(url: str, **more: object) -> LlmOptions:
    return LlmOptions(url=url, model="qwen", **more)  # type: ignore[arg-type]


@pytest.fixture(params=["fake", "server"])
async def model(request: pytest.FixtureRequest) -> AsyncIterator[LanguageModel]:
    """Replies after 50 ms."""
    if request.param == "fake":
        yield FakeModel(REPLY, 0.05, private=True)
        return
    async with completions(delay=0.05) as peer, ChatCompletions(options(peer.url)).running() as found:
        yield found


async def test_it_replies(model: LanguageModel) -> None:
    assert model.private
    assert await model.complete(PROMPT) == REPLY
    assert await asyncio.gather(*(model.complete(PROMPT) for _ in range(4))) == [REPLY] * 4


async def test_it_may_be_cancelled_and_asked_again(model: LanguageModel) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await model.complete(PROMPT)
    assert await model.complete(PROMPT) == REPLY


# ── the adapter ─────────────────────────────────────────────────────────────────────────────


async def code_of(work: LanguageModel | Helper) -> str:
    try:
        await (work.ask(PROMPT) if isinstance(work, Helper) else work.complete(PROMPT))
    except VoicebotError as error:
        return error.code
    return ""


async def test_the_request_is_a_chat_completion_with_its_key() -> None:
    async with completions() as peer, ChatCompletions(options(peer.url + "/", key="k-1")).running() as model:
        await model.complete(PROMPT)
    (body,) = peer.asked
    assert body == {
        "model": "qwen",
        "messages": [{"role": "system", "content": PROMPT.system}, {"role": "user", "content": PROMPT.user}],
        "temperature": 0,
        "max_tokens": 64,
        "stream": False,
        "response_format": {"type": "json_object"},
    }
    (headers,) = peer.asked_with
    assert headers["authorization"] == "Bearer k-1"
    assert headers["host"] == peer.url.split("/")[2]
    assert "k-1" not in repr(options(peer.url, key="k-1"))


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ({"status": 500}, "llm.refused"),
        ({"status": 429}, "llm.refused"),
        ({"status": 401}, "llm.refused"),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:9/"}}, "llm.refused"),
        ({"body": b"<html>busy</html>"}, "llm.broken"),
        ({"body": b""}, "llm.broken"),
        ({"body": b'{"choices": []}'}, "llm.broken"),
        ({"body": b'{"choices": [{"message": {"content": null}}]}'}, "llm.broken"),
        ({"body": b"[" * 60_000}, "llm.broken"),
        ({"body": b"\xff\xfe{"}, "llm.broken"),
        ({"body": b" " * 1_000_000}, "llm.too_long"),
        ({"endless": True}, "llm.too_long"),
    ],
)
async def test_a_server_that_fails(behaviour: dict[str, object], code: str) -> None:
    began = time.monotonic()
    async with (
        completions(**behaviour) as peer,
        ChatCompletions(options(peer.url)).running() as model,
    ):
        assert await code_of(model) == code
        peer.status, peer.body, peer.endless, peer.headers = 200, None, False, {}
        assert await code_of(model) == "", "the next request is a new one"
    assert time.monotonic() - began < 2


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        async with ChatCompletions(options(url)).running() as model:
            assert await code_of(model) == "llm.unreachable"


async def test_a_server_that_knows_no_response_format_is_asked_without() -> None:
    async with (
        completions(refuses_format=True) as peer,
        ChatCompletions(options(peer.url)).running() as model,
    ):
        assert await code_of(model) == "llm.refused"
        assert await model.complete(PROMPT) == REPLY
    assert "response_format" not in peer.asked[-1]


async def test_a_slow_server_costs_800_ms_three_times_and_then_nothing() -> None:
    clock = WallClock()
    async with AsyncExitStack() as stack:
        peer = await stack.enter_async_context(completions(delay=5.0))
        helper = await stack.enter_async_context(open_helper(options(peer.url), clock))
        assert helper is not None
        for _ in range(3):
            began = time.monotonic()
            assert await code_of(helper) == "llm.timeout"
            assert 0.75 < time.monotonic() - began < 1.0
        began = time.monotonic()
        assert await code_of(helper) == "llm.resting"
        assert time.monotonic() - began < 0.05
        assert len(peer.asked) == 3
        await asyncio.sleep(0.1)
        assert peer.lost == 3, "what is not waited for is not asked for any more"


# ── where words may go ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url",
    [
        "https://8.8.8.8/v1",
        "http://[2001:4860:4860::8888]/v1",
        "http://0.0.0.0:8000/v1",
        "http://8.8.8.8:8000/v1/",
    ],
)
async def test_a_remote_server_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(VoicebotError) as caught:
        async with open_helper(options(url), WallClock()):
            pass
    assert caught.value.code == "llm.remote"
    assert "llm.allow_remote" in caught.value.message
    async with open_helper(options(url, allow_remote=True), WallClock()) as helper:
        assert helper is not None
        assert not helper.private


async def test_a_name_that_leads_elsewhere_later_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ["10.0.0.5"]
    monkeypatch.setattr(adapter, "addresses_of", lambda host, port: list(found))
    named = options("http://llm.internal:8000/v1")
    check_place(named)
    found[:] = ["8.8.8.8"]
    async with ChatCompletions(named).running() as model:
        assert not model.private
        assert await code_of(model) == "llm.remote"


@pytest.mark.parametrize(("host", "private"), [("127.0.0.1", True), ("localhost", True), ("10.0.0.5", False)])
def test_only_loopback_is_told_everything(host: str, private: bool) -> None:
    assert ChatCompletions(options(f"http://{host}:8000/v1")).private is private


async def test_without_a_url_there_is_no_model() -> None:
    async with open_helper(LlmOptions(), WallClock()) as helper:
        assert helper is None


async def test_a_name_that_is_not_known_keeps_no_call_from_being_taken() -> None:
    async with open_helper(options("http://llm.invalid:8000/v1"), WallClock()) as helper:
        assert helper is not None
        assert await code_of(helper) in ("llm.unreachable", "llm.timeout")


@pytest.mark.parametrize(
    "given",
    [
        {"url": "127.0.0.1:8000", "model": "m"},
        {"url": "ftp://127.0.0.1", "model": "m"},
        {"url": "http://127.0.0.1/v1"},
        {"url": "http://user:pw@127.0.0.1/v1", "model": "m"},
        {"url": "http://127.0.0.1/v1?key=1", "model": "m"},
        {"url": "http://127.0.0.1/v1", "model": "m", "timeout_ms": 0},
    ],
)
def test_wrong_options_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        LlmOptions(**given)  # type: ignore[arg-type]


async def test_the_trial_of_the_doctor() -> None:
    async with completions(delay=0.05) as peer:
        trial = await try_model(options(peer.url))
        assert trial.usable
        assert 0.05 <= trial.seconds < 0.5
        peer.reply = "我是一个语言模型。"
        assert not (await try_model(options(peer.url))).usable
