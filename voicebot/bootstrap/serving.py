"""HTTP servers inside our own processes."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn

from voicebot.core.errors import VoicebotError


class Server(uvicorn.Server):
    """A server whose process handles signals itself; stop it by `should_exit`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(host: str, port: int) -> socket.socket:
    """A listening address; bound here because uvicorn ends the process when it cannot.

    Raises:
        VoicebotError: ``web.address``: in use, not ours or not allowed.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        why = error.strerror or str(error)
        raise VoicebotError(
            "web.address",
            f"cannot listen on {host}:{port} ({why}); change the http.* ports or stop who has it",
        ) from error
    return bound
