"""A part that only tells its status on the bus: ``python -m tests.integration.ops.bus_part NAME NOTE``"""

import asyncio
import os
import signal
import sys

from voicebot.adapters.bus import BusOptions, NatsBus, serve_status
from voicebot.adapters.logs import one_line_failures
from voicebot.core.errors import VoicebotError
from voicebot.operations.ports import PartStatus


async def main(name: str, note: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    options = BusOptions(os.environ["VOICEBOT_BUS__URL"], os.environ["VOICEBOT_BUS__TOKEN"])
    bus = await NatsBus.connect(options, name)
    await serve_status(bus, name, lambda: PartStatus(name, True, note))
    await stop.wait()
    await bus.close()


if __name__ == "__main__":
    with one_line_failures():
        if sys.argv[2] == "refuse":
            raise VoicebotError("sip.port", "端口 5060 已被占用")
        asyncio.run(main(sys.argv[1], sys.argv[2]))
