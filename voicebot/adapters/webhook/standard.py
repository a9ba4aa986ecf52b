"""Events for other systems: CloudEvents 1.0 as JSON, signed as Standard Webhooks says.

Headers: `webhook-id` (the same in every try), `webhook-timestamp` (seconds since 1970), `webhook-signature`:
``v1,`` and the Base64 HMAC-SHA256 of id, timestamp and body with full stops between
(https://www.standardwebhooks.com). The secret is ``whsec_`` and the Base64 of the key.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from voicebot import __version__
from voicebot.adapters.webhook.posting import post
from voicebot.core.clock import Clock
from voicebot.operations.event_feed import FeedEvent
from voicebot.operations.webhooks import Hook

PREFIX: Final = "whsec_"
TIMEOUT: Final = 10.0
SOURCE: Final = "/api/v1/tickets"
TYPE: Final = "cn.12345."


class StandardPoster:
    """Implements `voicebot.operations.hook_sender.Poster`."""

    def __init__(self, clock: Clock, timeout: float = TIMEOUT) -> None:
        self._clock = clock
        self._timeout = timeout
        self._client: httpx.AsyncClient | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator["StandardPoster"]:
        """Connections are kept open while inside."""
        async with httpx.AsyncClient(follow_redirects=False, trust_env=False) as client:
            self._client = client
            try:
                yield self
            finally:
                self._client = None

    async def post(self, hook: Hook, event: FeedEvent) -> None:
        assert self._client is not None, "used outside of running()"
        body = json.dumps(cloud_event(event), ensure_ascii=False, separators=(",", ":")).encode()
        headers = signed(hook.secret, f"evt_{event.id}", int(self._clock.now().timestamp()), body)
        await post(self._client, f"webhook {hook.id}", hook.url, body, headers, self._timeout)


def cloud_event(event: FeedEvent) -> dict[str, Any]:
    """The JSON of an event (CloudEvents 1.0, structured mode); `id` is what streams resume from."""
    return {
        "specversion": "1.0",
        "id": str(event.id),
        "source": SOURCE,
        "type": f"{TYPE}{event.subject}",
        "subject": event.body.get("ticket_no") or event.body.get("place"),
        "time": event.at.isoformat(),
        "datacontenttype": "application/json",
        "data": dict(event.body),
    }


def signed(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Headers of a message."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    covered = f"{message_id}.{timestamp}.".encode() + body
    digest = base64.b64encode(hmac.new(key, covered, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "User-Agent": f"voicebot/{__version__}",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{digest}",
    }
