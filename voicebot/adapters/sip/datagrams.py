"""A UDP socket whose datagrams are stamped as they come in."""

import asyncio
import contextlib
import time
from typing import Final, Self

BACKLOG: Final = 5000
"""Datagrams that may wait; the newest is dropped then, as the kernel would."""


class Datagrams(asyncio.DatagramProtocol):
    """One open UDP socket."""

    def __init__(self) -> None:
        self.incoming: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=BACKLOG)
        """(monotonic time of arrival, datagram)."""
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, host: str) -> Self:
        """Bound to a free port of `host`."""
        loop = asyncio.get_running_loop()
        transport, opened = await loop.create_datagram_endpoint(cls, local_addr=(host, 0))
        opened._transport = transport
        return opened

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self.incoming.put_nowait((time.monotonic(), data))

    def error_received(self, exc: Exception) -> None:
        """ICMP unreachable: the far end's port is gone; time limits of the call notice it."""

    @property
    def address(self) -> tuple[str, int]:
        assert self._transport is not None
        name = self._transport.get_extra_info("sockname")
        return str(name[0]), int(name[1])

    def send(self, data: bytes, to: tuple[str, int]) -> None:
        assert self._transport is not None
        self._transport.sendto(data, to)

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()
