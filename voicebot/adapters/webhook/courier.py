"""Posts a message to its target: one signed JSON object, one try, bounded time.

Body: ``{"id","at","call_id","step","phone","text","slots"}``. Headers: `Idempotency-Key` (the id),
`X-Voicebot-Timestamp` (seconds since 1970) and, with a secret, `X-Voicebot-Signature`:
``sha256=`` and the hex HMAC-SHA256 of timestamp, a full stop and the body. A receiver refuses old timestamps
and takes a second message of the same id for the first.
"""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from voicebot import __version__
from voicebot.adapters.webhook.options import NotifyOptions, NotifyTarget
from voicebot.adapters.webhook.posting import post
from voicebot.core.clock import Clock
from voicebot.operations.notices import Notice


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
        await post(self._client, notice.target, target.url, body, headers, target.timeout)


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
