"""The citizen's phone page in a real Chromium."""

import asyncio
import os
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from playwright.async_api import Page, ViewportSize, WebSocketRoute, expect

from tests.browser.conftest import HISS, TONE, Launch, hotline
from tests.integration.web.kit import PATIENCE, serving
from tests.integration.web.test_ws_call import Script
from voicebot.calls.ports import AudioIn, DigitIn, Line, LineEvent, TextIn
from voicebot.core.audio import AudioChunk
from voicebot.web.app import server_config
from voicebot.web.certificate import ensure_certificate

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

PHONE: Final = ViewportSize(width=390, height=844)
PICTURE: Final = Path(__file__).parents[2] / "docs" / "images" / "phone-page.png"
GREETING: Final = "您好，云江12345智能助手，本次通话录音，请问您要办什么事？"
QUESTION: Final = "社保卡丢了怎么补办"
ANSWER: Final = "带上身份证，到任一社保服务网点就能补办，当场可取。"
OURS: Final = 440

EAR: Final = """
// Listens to what the page gives to the loudspeaker.
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  if (this instanceof AudioWorkletNode && target instanceof AudioDestinationNode) {
    const ear = new AnalyserNode(this.context, { fftSize: 8192, smoothingTimeConstant: 0 });
    connect.call(this, ear);
    window.ear = ear;
  }
  return connect.call(this, target, ...rest);
};
window.loudest = () => {
  const bins = new Float32Array(ear.frequencyBinCount);
  ear.getFloatFrequencyData(bins);
  const top = bins.indexOf(Math.max(...bins));
  return { hz: (top * ear.context.sampleRate) / ear.fftSize, db: bins[top] };
};
window.once = (check) => new Promise((done) => {
  const look = () => {
    const now = window.ear ? loudest() : { hz: 0, db: -Infinity };
    if (check(now)) done(now);
    else requestAnimationFrame(look);
  };
  look();
});
"""

MICROPHONE: Final = """
// A microphone that says what the test gives it, when it gives it.
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  await context.resume();
  const out = context.createMediaStreamDestination();
  window.speak = async (wav) => {
    const bytes = Uint8Array.from(atob(wav), (letter) => letter.charCodeAt(0));
    const buffer = await context.decodeAudioData(bytes.buffer);
    const source = new AudioBufferSourceNode(context, { buffer });
    source.connect(out);
    source.start();
    await new Promise((done) => { source.onended = done; });
  };
  return out.stream;
};
"""


def tone(seconds: float) -> list[AudioChunk]:
    """Our voice: a tone of `OURS` Hz in chunks of 40 ms."""
    at = np.arange(round(seconds * 16_000)) / 16_000
    pcm = (8000 * np.sin(2 * np.pi * OURS * at)).astype("<i2").tobytes()
    return [AudioChunk(pcm[i : i + 1280], 16_000) for i in range(0, len(pcm), 1280)]


async def converse(line: Line) -> None:
    await line.state("speaking")
    await line.caption("bot", GREETING, final=True)
    for chunk in tone(2.0):
        await line.send(chunk)
    await line.state("listening")
    await line.caption("caller", QUESTION[:4], final=False)
    await line.caption("caller", QUESTION, final=True)
    await line.caption("bot", ANSWER, final=True)


def heard(events: list[LineEvent]) -> npt.NDArray[np.float64]:
    pcm = b"".join(event.chunk.pcm for event in events if isinstance(event, AudioIn))
    return np.frombuffer(pcm, "<i2").astype(np.float64)


def level(sound: npt.NDArray[np.float64], hz: float) -> float:
    """dB of one frequency."""
    window = sound * np.hanning(len(sound))
    spectrum = np.abs(np.fft.rfft(window)) / len(sound)
    near = abs(np.fft.rfftfreq(len(sound), 1 / 16_000) - hz) < 30
    return float(20 * np.log10(spectrum[near].max() + 1e-9))


async def open_page(page: Page, url: str) -> list[str]:
    """Opens the page; the list fills with whatever it complains about."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    await page.add_init_script(EAR)
    await page.goto(url)
    return complaints


async def test_an_old_person_calls_speaks_reads_presses_and_hangs_up(launch: Launch) -> None:
    script = Script(converse)
    async with hotline(script) as (port, _), launch() as browser:
        page = await browser.new_page(viewport=PHONE, locale="zh-CN")
        complaints = await open_page(page, f"http://127.0.0.1:{port}/call")
        await page.get_by_role("button", name="打电话").click()
        await expect(page.locator("#captions")).to_contain_text(GREETING)
        await expect(page.get_by_role("status")).to_have_text("正在说话")
        async with asyncio.timeout(PATIENCE):
            loudest = await page.evaluate("once((now) => now.db > -40)")
        assert abs(loudest["hz"] - OURS) < 10, loudest
        await expect(page.get_by_role("status")).to_have_text("请讲")
        await expect(page.locator("#captions li")).to_have_count(3)
        await expect(page.locator("#captions li.caller")).to_contain_text(QUESTION)
        await script.until(lambda events: len(heard(events)) > 48_000)
        if os.environ.get("VOICEBOT_TEST_PICTURES"):
            await page.screenshot(path=PICTURE)
        await page.get_by_role("button", name="转人工", exact=True).click()
        await page.get_by_role("button", name="键盘").click()
        await page.get_by_role("button", name="5", exact=True).click()
        await page.get_by_role("button", name="打字").click()
        await page.get_by_label("打字代替说话").fill("路灯坏了")
        await page.keyboard.press("Enter")
        await script.until(lambda events: TextIn("路灯坏了") in events)
        assert script.events.index(DigitIn("0")) < script.events.index(DigitIn("5"))
        played = script.lines[0].played()
        assert abs(played - 32_000) <= 640, f"{played} of 32000 samples heard"
        await page.get_by_role("button", name="挂断").click()
        assert await script.reason() == "caller"
        await expect(page.get_by_role("status")).to_have_text("通话结束")
        await page.get_by_role("button", name="返回").click()
        await expect(page.get_by_role("button", name="打电话")).to_be_focused()
        assert complaints == []
    sound = heard(script.events)[16_000:48_000]
    # by half seconds: a jump where the microphone's file starts over smears the one it falls into
    blocks = sound.reshape(4, -1)
    tone_level = max(level(block, TONE) for block in blocks)
    assert tone_level > 50, "the microphone is heard"
    folded = max(level(block, 16_000 - HISS) for block in blocks)
    assert folded < tone_level - 50, "what 16 kHz cannot carry is filtered"


async def test_a_flush_silences_the_page_at_once(launch: Launch) -> None:
    async def talk(line: Line) -> None:
        for chunk in tone(20.0):
            if DigitIn("1") in script.events:
                await line.flush()
                await line.caption("bot", "好的", final=True)
                return
            await line.send(chunk)

    script = Script(talk)
    async with hotline(script) as (port, _), launch() as browser:
        page = await browser.new_page(viewport=PHONE)
        await open_page(page, f"http://127.0.0.1:{port}/call")
        await page.get_by_role("button", name="打电话").click()
        async with asyncio.timeout(PATIENCE):
            await page.evaluate("once((now) => now.db > -40)")
        await page.get_by_role("button", name="键盘").click()
        await page.get_by_role("button", name="1", exact=True).click()
        await expect(page.locator("#captions")).to_contain_text("好的")
        async with asyncio.timeout(1.0):
            await page.evaluate("once((now) => now.db < -90)")
        await page.get_by_role("button", name="挂断").click()
        await script.reason()


async def test_a_dropped_connection_comes_back_by_itself(launch: Launch) -> None:
    script = Script()
    sockets: list[WebSocketRoute] = []

    def pass_through(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    async with hotline(script) as (port, _), launch() as browser:
        page = await browser.new_page(viewport=PHONE)
        await page.route_web_socket("**/ws/call", pass_through)
        await open_page(page, f"http://127.0.0.1:{port}/call")
        await page.get_by_role("button", name="打电话").click()
        await script.until(lambda events: len(heard(events)) > 3200)
        before = len(heard(script.events))
        await sockets[0].close(code=4000)
        await expect(page.get_by_role("status")).to_have_text("信号不好，正在重连")
        await expect(page.get_by_role("status")).to_have_text("请讲")
        await script.until(lambda events: len(heard(events)) > before + 3200)
        assert len(script.lines) == 1
        await page.get_by_role("button", name="挂断").click()
        assert await script.reason() == "caller"


async def test_without_permission_the_page_says_what_to_do_and_typing_works(launch: Launch) -> None:
    script = Script()
    async with hotline(script) as (port, _), launch(allow=False) as browser:
        page = await browser.new_page(viewport=PHONE)
        await open_page(page, f"http://127.0.0.1:{port}/call")
        await page.get_by_role("button", name="打电话").click()
        await expect(page.get_by_role("alert")).to_contain_text("没有话筒的使用许可")
        await expect(page.get_by_role("alert")).to_contain_text("允许")
        assert script.lines == [], "no call before there is a microphone"
        await page.get_by_role("button", name="不用话筒，打字办理").click()
        await page.get_by_label("打字代替说话").fill("转人工")
        await page.get_by_role("button", name="发送").click()
        await script.until(lambda events: TextIn("转人工") in events)
        await page.get_by_role("button", name="挂断").click()
        assert await script.reason() == "caller"


async def test_an_address_without_https_is_explained(launch: Launch) -> None:
    script = Script()
    rule = "--host-resolver-rules=MAP hotline.test 127.0.0.1"
    async with hotline(script) as (port, _), launch(more=(rule,)) as browser:
        page = await browser.new_page(viewport=PHONE)
        await open_page(page, f"http://hotline.test:{port}/call")
        await page.get_by_role("button", name="打电话").click()
        await expect(page.get_by_role("alert")).to_contain_text("https://")
        await page.get_by_role("button", name="不用话筒，打字办理").click()
        await page.get_by_label("打字代替说话").fill("你好")
        await page.get_by_role("button", name="发送").click()
        await script.until(lambda events: TextIn("你好") in events)
        await page.get_by_role("button", name="挂断").click()
        await script.reason()


async def test_a_call_over_https_with_the_self_made_certificate(launch: Launch, tmp_path: Path) -> None:
    script = Script(converse)
    certificate, key = ensure_certificate(tmp_path)
    async with hotline(script) as (_, web):

        def https(app: Any) -> Any:
            return server_config(app, certificate=(str(certificate), str(key)))

        async with serving(web.app, https) as port, launch() as browser:
            page = await browser.new_page(viewport=PHONE, ignore_https_errors=True)
            complaints = await open_page(page, f"https://127.0.0.1:{port}/call")
            await page.get_by_role("button", name="打电话").click()
            await expect(page.locator("#captions")).to_contain_text(ANSWER)
            await page.get_by_role("button", name="挂断").click()
            assert await script.reason() == "caller"
            assert complaints == []


async def test_words_of_the_line_never_become_markup(launch: Launch) -> None:
    async def attack(line: Line) -> None:
        await line.caption("caller", "<img src=x onerror=alert(1)>", final=True)
        await line.caption('"]<b>', "x", final=False)
        await line.state("<b>")

    script = Script(attack)
    async with hotline(script) as (port, _), launch() as browser:
        page = await browser.new_page(viewport=PHONE)
        await open_page(page, f"http://127.0.0.1:{port}/call")
        await page.get_by_role("button", name="打电话").click()
        await expect(page.locator("#captions")).to_contain_text("<img src=x")
        assert await page.locator("#captions img, #captions b, #state b").count() == 0
        await page.get_by_role("button", name="挂断").click()
        await script.reason()


async def test_when_nobody_takes_the_call(launch: Launch) -> None:
    async with hotline(Script()) as (port, _), launch() as browser:
        page = await browser.new_page(viewport=PHONE)
        await page.route_web_socket(
            "**/ws/call", lambda socket: asyncio.ensure_future(socket.close(code=1013))
        )
        await open_page(page, f"http://127.0.0.1:{port}/call")
        await page.get_by_role("button", name="打电话").click()
        await expect(page.get_by_role("alert")).to_contain_text("没有接通")
        await expect(page.get_by_role("button", name="打电话")).to_be_visible()
