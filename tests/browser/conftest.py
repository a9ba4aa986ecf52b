"""A real Chromium with a fake microphone, and the hotline's two servers behind the page."""

import contextlib
import shutil
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from playwright.async_api import Browser, async_playwright

from tests.browser.town import running_hotline
from tests.integration.web.kit import WallClock, serving
from tests.unit.web.fakes import Web
from voicebot.adapters.websocket.app import line_app
from voicebot.adapters.websocket.desk import OnCall
from voicebot.adapters.websocket.options import WebSocketOptions
from voicebot.web.app import server_config

__all__ = ["running_hotline"]

CHROMIUM: Final = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=user-gesture-required",
]
TONE: Final = 1_000
HISS: Final = 10_000
"""Above the 8 kHz that 16 kHz sound can carry: a bad resampler folds it to 6 kHz."""

Launch = Callable[..., AbstractAsyncContextManager[Browser]]


@pytest.fixture(scope="session")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """WAV that the fake microphone plays over and over: `TONE` and `HISS`, equally loud."""
    at = np.arange(2 * 48_000) / 48_000
    sound = 0.25 * np.sin(2 * np.pi * TONE * at) + 0.25 * np.sin(2 * np.pi * HISS * at)
    path = tmp_path_factory.mktemp("sound") / "microphone.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(48_000)
        out.writeframes((sound * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture
def launch(microphone: Path) -> Launch:
    """Starts Chromium; `allow` answers the question for the microphone with yes."""
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine (Debian: apt install chromium)")

    @contextlib.asynccontextmanager
    async def launched(*, allow: bool = True, more: tuple[str, ...] = ()) -> AsyncIterator[Browser]:
        answer = "--use-fake-ui-for-media-stream" if allow else "--deny-permission-prompts"
        arguments = [*ARGUMENTS, answer, f"--use-file-for-fake-audio-capture={microphone}", *more]
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=CHROMIUM, args=arguments, ignore_default_args=["--mute-audio"]
            )
            try:
                yield browser
            finally:
                await browser.close()

    return launched


@contextlib.asynccontextmanager
async def hotline(on_call: OnCall) -> AsyncIterator[tuple[int, Web]]:
    """Line and web server on loopback; the public port."""
    async with serving(line_app(on_call, WebSocketOptions(), WallClock())) as line_port:
        web = Web(line_url=f"ws://127.0.0.1:{line_port}")
        async with serving(web.app, server_config) as port:
            yield port, web
