"""Posts a message to its target: one signed JSON object, one try, bounded time.

Body: ``{"id","at","call_id","step","phone","text","slots"}``. Headers: `Idempotency-Key` (the id),
`X-Voicebot-Timestamp` (seconds since 1970) and, with a secret, `X-Voicebot-Signature`:
``sha256=`` and the hex HMAC-SHA256 of timestamp, a full stop and the body. A receiver refuses old timestamps
and takes a second message of the same id for the first.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import httpx

from voicebot import __version__
from voicebot.adapters.webhook.options import NotifyOptions, NotifyTarget
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.operations.notices import Notice

LATER: Final = frozenset({408, 425, 429})
"""Refusals that another try may change; so may everything from 500 on."""


class WebhookCourier:
    """Implements `voicebot.operations.notices.Courier`."""

    def __init__(self, options: NotifyOptions, clock: Clock) -> None:
        self._targets = options.targets
        self._clock = clock
        self._client: httpx.AsyncClient | None = None

    @property
    def tries(self) -> Mapping[str, int]:
        return {name: target.tries for name, target in self._targets.items()}

    @asynccontextmanager
    async def running(self) -> AsyncIterator["WebhookCourier"]:
        """Connections are kept open while inside."""
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False) as client:
            self._client = client
            try:
                yield self
            finally:
                self._client = None

    async def send(self, notice: Notice) -> None:
        """Raises VoicebotError ``notify.timeout``, ``notify.unreachable``, ``notify.refused``."""
        assert self._client is not None, "used outside of running()"
        target = self._targets[notice.target]
        body = _body(notice)
        headers = signed(target, notice.id, body, int(self._clock.now().timestamp()))
        try:
            async with (
                asyncio.timeout(target.timeout),
                self._client.stream(
                    "POST", target.url, content=body, headers=headers, timeout=None
                ) as answer,
            ):
                status = answer.status_code  # what it says beside is not read: it may be endless
        except TimeoutError as error:
            message = f"{notice.target} did not answer in {target.timeout:g} s"
            raise VoicebotError("notify.timeout", message, retryable=True) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            message = f"{notice.target}: {type(error).__name__}"  # its text may name the address
            raise VoicebotError("notify.unreachable", message, retryable=True) from error
        if not 200 <= status < 300:
            retryable = status >= 500 or status in LATER
            raise VoicebotError("notify.refused", f"{notice.target} answered {status}", retryable=retryable)


def signed(target: NotifyTarget, notice_id: str, body: bytes, timestamp: int) -> dict[str, str]:
    """Headers of a message."""
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"voicebot/{__version__}",
        "Idempotency-Key": notice_id,
        "X-Voicebot-Timestamp": str(timestamp),
    }
    if target.secret:
        covered = f"{timestamp}.".encode() + body
        digest = hmac.new(target.secret.encode(), covered, hashlib.sha256).hexdigest()
        headers["X-Voicebot-Signature"] = f"sha256={digest}"
    return headers


def _body(notice: Notice) -> bytes:
    content = {
        "id": notice.id,
        "at": notice.at.isoformat(),
        "call_id": notice.call_id,
        "step": notice.step,
        "phone": notice.phone,
        "text": notice.text,
        "slots": dict(notice.slots),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
