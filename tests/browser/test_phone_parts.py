"""The page's own modules, asked one by one inside Chromium."""

from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page

from tests.browser.conftest import Launch, hotline
from tests.integration.web.test_ws_call import Script

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

RESAMPLE = """async ([from, to, samples]) => {
  const { Resampler } = await import("/call/static/resampler.js");
  const resampler = new Resampler(from, to);
  const out = [];
  for (let i = 0; i < samples.length; i += 128) {
    out.push(...resampler.process(Float32Array.from(samples.slice(i, i + 128))));
  }
  return out;
}"""

STUCK = """async () => {
  const { Link } = await import("/call/static/link.js");
  const made = [];
  let now = 1000;
  performance.now = () => now;
  window.setTimeout = (run, wait) => (wait < 1000 ? (run(), 1) : 1);
  window.WebSocket = class {
    static OPEN = 1;
    readyState = 1;
    bufferedAmount = 0;
    sent = [];
    constructor() { made.push(this); }
    send(data) { this.sent.push(data); }
    close(code) { this.closed = code ?? 0; this.readyState = 3; }
  };
  const link = new Link("ws://x");
  let broken = 0;
  const ends = [];
  link.addEventListener("broken", () => (broken += 1));
  link.addEventListener("over", ({ detail }) => ends.push(detail.reason));
  const ready = (socket) => {
    socket.onopen();
    socket.onmessage({ data: JSON.stringify({ type: "ready", call_id: "c", resume: "secret" }) });
  };
  link.open();
  link.sendSound(new ArrayBuffer(640));
  const early = made[0].sent.length;
  ready(made[0]);
  link.sendSound(new ArrayBuffer(640));
  made[0].bufferedAmount = 40000;
  link.sendSound(new ArrayBuffer(640));
  const sockets = [made.length];
  now += 3000;
  link.sendSound(new ArrayBuffer(640));
  link.tell({ type: "text", text: "还在" });
  sockets.push(made.length);
  ready(made[1]);
  const resumed = made[1].sent.map((data) => JSON.parse(data));
  made[0].onclose({ code: 1006 }); // the dead one at last: nobody cares
  sockets.push(made.length);
  made[1].onclose({ code: 1012 });
  now += 11000;
  made[2].onclose({ code: 1006 });
  made[2].onclose({ code: 1006 });
  return { early, first: made[0].sent.length, sockets, resumed, broken, ends };
}"""


async def page_of(launch: Launch, ask: str, argument: Any = None) -> Any:
    async with hotline(Script()) as (port, _), launch() as browser:
        page: Page = await browser.new_page()
        await page.goto(f"http://127.0.0.1:{port}/call")
        return await page.evaluate(ask, argument)


def gain(sound: "np.ndarray[Any, np.dtype[np.float64]]", rate: int, hz: float) -> float:
    """dB of the tone `hz` that went in with amplitude 1."""
    at = np.arange(len(sound)) / rate
    window = np.hanning(len(sound))
    phasor = np.sum(sound * window * np.exp(-2j * np.pi * hz * at)) / np.sum(window)
    return float(20 * np.log10(2 * abs(phasor) + 1e-9))


@pytest.mark.parametrize(
    ("rate", "out"), [(48_000, 16_000), (44_100, 16_000), (16_000, 48_000), (16_000, 44_100)]
)
async def test_speech_passes_and_what_would_fold_does_not(launch: Launch, rate: int, out: int) -> None:
    at = np.arange(rate // 2) / rate
    speech, hiss = (300, 1000, 3400, 6000), (9_500, 12_000, 15_000)
    tones = speech + (hiss if rate > 16_000 else ())
    sound = sum(np.sin(2 * np.pi * hz * at) for hz in tones)
    samples = np.asarray(sound).tolist()
    result = np.asarray(await page_of(launch, RESAMPLE, [rate, out, samples]))
    assert abs(len(result) - len(at) * out / rate) < 60
    middle = result[500:-500]
    for hz in speech:
        assert abs(gain(middle, out, hz)) < 0.5, hz
    mirrored = (abs(16_000 - hz) for hz in hiss) if rate > 16_000 else (16_000 - hz for hz in speech)
    for hz in mirrored:
        if hz not in speech:
            assert gain(middle, out, hz) < -55, hz


async def test_a_dead_connection_is_left_for_a_new_one_with_the_secret(launch: Launch) -> None:
    told = await page_of(launch, STUCK)
    assert told["early"] == 0, "no sound before the call stands"
    assert told["first"] == 2, "start and one frame; the frames that could not leave were dropped"
    assert told["sockets"] == [1, 2, 2]
    assert told["resumed"] == [
        {"type": "start", "caller": "", "resume": "secret"},
        {"type": "text", "text": "还在"},
    ], "what was typed meanwhile is not lost"
    assert told["broken"] == 2
    assert told["ends"] == ["lost"]
