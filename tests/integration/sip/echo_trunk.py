"""A trunk in a process of its own that says a tone to every caller, for the load test.

Prints JSON lines: ``{"listen"}`` at the start, then ``{"ended", "open", "rss"}`` (bytes) after each call.
Ends on SIGTERM.
"""

import asyncio
import gc
import json
import os
import signal
import sys
from pathlib import Path

import structlog

from tests.contract.test_line import say
from tests.integration.sip.conftest import CLOCK
from voicebot.adapters.sip.options import SipOptions
from voicebot.adapters.sip.trunk import SipTrunk
from voicebot.calls.ports import HungUp, Line

ENDED = 0


def tell(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def rss() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def main(listen: str) -> None:
    trunk = SipTrunk(SipOptions(listen=listen, rtp_ports=(20000, 29999)), CLOCK)

    async def on_call(line: Line) -> None:
        await line.answer()
        async with asyncio.TaskGroup() as group:
            talking = group.create_task(say(line, 30.0))
            async for event in line.events():
                if isinstance(event, HungUp):
                    talking.cancel()

    async def count(line: Line) -> None:
        global ENDED
        try:
            await on_call(line)
        finally:
            ENDED += 1
            if ENDED % 100 == 0:  # what waits for the cycle collector has not leaked
                gc.collect()
            tell(ended=ENDED, open=trunk.callers - 1, rss=rss())

    await trunk.start(count)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    tell(listen=listen)
    await stop.wait()
    await trunk.stop()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main(sys.argv[1]))
