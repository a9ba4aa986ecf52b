"""One POST, of bounded time; what a receiver says beside its status is never read."""

import asyncio
from collections.abc import Mapping
from typing import Final

import httpx

from voicebot.core.errors import VoicebotError
from voicebot.operations.hook_sender import Refused

LATER: Final = frozenset({408, 425, 429})
"""Refusals that another try may change; so may everything from 500 on."""


async def post(
    client: httpx.AsyncClient,
    name: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    timeout: float,
) -> None:
    """
    Args:
        name: of the receiver, for messages; addresses may hold secrets.

    Raises:
        VoicebotError: ``notify.timeout``, ``notify.unreachable``; `Refused` ``notify.refused``.
    """
    try:
        async with (
            asyncio.timeout(timeout),
            client.stream("POST", url, content=body, headers=headers, timeout=None) as answer,
        ):
            status, wait = answer.status_code, answer.headers.get("retry-after", "")
    except TimeoutError as error:
        message = f"{name} did not answer in {timeout:g} s"
        raise VoicebotError("notify.timeout", message, retryable=True) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        message = f"{name}: {type(error).__name__}"  # its text may name the address
        raise VoicebotError("notify.unreachable", message, retryable=True) from error
    if not 200 <= status < 300:
        seconds = float(wait) if wait.isdecimal() and len(wait) < 8 else None
        retryable = status >= 500 or status in LATER
        raise Refused("notify.refused", f"{name} answered {status}", status, seconds, retryable=retryable)
