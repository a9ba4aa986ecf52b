"""Cookies, tokens against forged forms, and the provider's secret."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, QueryParams

SESSION_COOKIE: Final = "voicebot_session"
LOGIN_COOKIE: Final = "voicebot_login"
HOST: Final = re.compile(r"[A-Za-z0-9.\-_]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def new_token() -> str:
    return secrets.token_urlsafe(24)


def form_token(session: str) -> str:
    """Token for forms of a signed-in page; only who knows the session's secret can make it."""
    return hashlib.sha256(b"form:" + session.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Compares secrets in constant time; empty ones are never the same."""
    return bool(left) and hmac.compare_digest(left.encode(), right.encode())


def is_own_origin(headers: Headers, allowed: tuple[str, ...], *, default: bool) -> bool:
    """True when the request was made by a page of ours (or of an `allowed` origin).

    Args:
        default: the verdict on a request that does not say where it comes from (no browser).
    """
    origin = headers.get("origin")
    if origin is not None:
        return origin in allowed or urlsplit(origin).netloc == headers.get("host")
    site = headers.get("sec-fetch-site")
    return site in {"same-origin", "none"} if site is not None else default


def knows_media_secret(secret: str, headers: Headers, query: QueryParams, path: str) -> bool:
    """True when the caller of `/ws/media-stream` proves to be the telephony provider.

    Three ways: ``?token=``, the password of basic auth, or ``X-Twilio-Signature``, which is
    base64(HMAC-SHA1(secret, URL)) over the ``wss://`` URL (Twilio, "Validating requests"; Twilio's
    stream URLs carry no query).
    """
    if not secret:
        return False
    if same(query.get("token", ""), secret):
        return True
    signature = headers.get("x-twilio-signature")
    if signature is not None:
        url = f"wss://{headers.get('host', '')}{path}"
        wanted = base64.b64encode(hmac.new(secret.encode(), url.encode(), hashlib.sha1).digest()).decode()
        return same(signature, wanted)
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        _, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return same(password, secret)
