"""Settings of the web process."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class WebOptions:
    """How pages and API behave. Times in seconds.

    Args:
        line_url: where the line process listens, e.g. ``ws://127.0.0.1:41234``.
        recordings: directory that `CallView.recording` is relative to.
        media_secret: secret of the telephony provider for `/ws/media-stream` (as ``?token=``, as
            password of basic auth, or as the auth token of ``X-Twilio-Signature``); empty refuses all.
        https_port: where this host serves HTTPS, for callers who came without; 0: the usual 443.
        allowed_origins: further origins (``https://host``) whose pages may open calls and post forms.
        session_seconds: how long the browser keeps the session cookie; the store ends sessions.
        calls_per_source: web calls at once from one address, so that one machine cannot take all lines.
        line_timeout: the line process must take a connection by then.
    """

    line_url: str
    recordings: Path
    media_secret: str = ""
    https_port: int = 0
    allowed_origins: tuple[str, ...] = ()
    session_seconds: int = 12 * 3600
    calls_per_source: int = 20
    line_timeout: float = 3.0
