"""Secrets, throttle, certificate, first account."""

import base64
import hashlib
import hmac
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers, QueryParams

from tests.unit.web.fakes import FakeAccounts
from voicebot.core.errors import VoicebotError
from voicebot.web.certificate import ensure_certificate
from voicebot.web.first_account import ensure_admin
from voicebot.web.pages import safe_next
from voicebot.web.ports import Role
from voicebot.web.proofs import knows_media_secret, same
from voicebot.web.relay import sendable
from voicebot.web.throttle import LONGEST, MOST, Throttle

PATH = "/ws/media-stream"


def knows(headers: dict[str, str] | None = None, query: str = "", secret: str = "秘密s3cret") -> bool:
    encoded = Headers(raw=[(k.encode(), v.encode()) for k, v in (headers or {}).items()])
    return knows_media_secret(secret, encoded, QueryParams(query), PATH)


def test_three_ways_to_prove_the_provider() -> None:
    assert knows(query="token=%E7%A7%98%E5%AF%86s3cret")
    password = base64.b64encode("twilio:秘密s3cret".encode()).decode()
    assert knows({"authorization": f"Basic {password}"})
    url = f"wss://hotline.test{PATH}"
    signature = base64.b64encode(
        hmac.new("秘密s3cret".encode(), url.encode(), hashlib.sha1).digest()
    ).decode()
    assert knows({"host": "hotline.test", "x-twilio-signature": signature})


@pytest.mark.parametrize(
    ("headers", "query", "secret"),
    [
        ({}, "", "s"),
        ({}, "token=", ""),
        ({}, "token=x", "s"),
        ({"authorization": "Basic " + base64.b64encode(b"s").decode()}, "", "s"),
        ({"authorization": "Basic %%%"}, "", "s"),
        ({"authorization": "Basic /w=="}, "", "s"),
        ({"authorization": "Bearer s"}, "", "s"),
        ({"x-twilio-signature": ""}, "", "s"),
        ({"x-twilio-signature": "é"}, "", "s"),
    ],
)
def test_anything_else_is_no_proof(headers: dict[str, str], query: str, secret: str) -> None:
    assert not knows(headers, query, secret)


def test_empty_secrets_are_never_the_same() -> None:
    assert not same("", "")
    assert same("é", "é")


@given(st.text())
def test_a_way_back_stays_on_this_site(page: str) -> None:
    target = safe_next(page)
    assert target.startswith("/")
    assert not target.startswith(("//", "/\\"))
    assert "\n" not in target


def test_delays_double_and_end() -> None:
    throttle, now, waits = Throttle(), 0.0, []
    for _ in range(14):
        wait = throttle.admit("1.2.3.4", "admin", now)
        if wait > 0:
            waits.append(wait)
            now += wait
            assert throttle.admit("1.2.3.4", "admin", now) == 0.0
    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) <= LONGEST
    assert throttle.admit("5.6.7.8", "admin", now) == 0.0, "another source is not slowed down"
    assert throttle.admit("1.2.3.4", "admin", now + 1000) == 0.0, "forgotten after a while"


def test_a_source_that_tries_many_names_is_slowed_down_too() -> None:
    throttle = Throttle()
    waits = [throttle.admit("1.2.3.4", f"name{n}", 0.0) for n in range(30)]
    assert waits[:20] == [0.0] * 20
    assert all(wait > 0 for wait in waits[20:])


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.floats(0, 400), st.booleans()), max_size=60)
)
def test_the_throttle_never_waits_longer_than_said(story: list[tuple[int, int, float, bool]]) -> None:
    throttle, now = Throttle(), 5.0
    for source, name, pause, right in story:
        now += pause
        wait = throttle.admit(str(source), str(name), now)
        assert 0 <= wait <= LONGEST
        if wait == 0 and right:
            throttle.succeeded(str(source), str(name))


def test_the_throttle_is_bounded() -> None:
    throttle = Throttle()
    for n in range(MOST):
        throttle.admit(str(n), "x", 0.0)
    assert len(throttle._tries) == MOST


@given(st.none() | st.integers(0, 6000))
def test_only_sendable_close_codes_are_sent(code: int | None) -> None:
    sent = sendable(code, otherwise=1012)
    assert sent not in {1004, 1005, 1006, 1015}
    assert 1000 <= sent <= 4999


def test_a_certificate_is_made_once_and_names_this_host(tmp_path: Path) -> None:
    certificate, key = ensure_certificate(tmp_path / "data")
    assert key.stat().st_mode & 0o777 == 0o600
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    assert "127.0.0.1" in map(str, names.get_values_for_type(x509.IPAddress))
    assert loaded.not_valid_after_utc - datetime.now(UTC) < timedelta(days=825)
    before = certificate.read_bytes()
    assert ensure_certificate(tmp_path / "data") == (certificate, key)
    assert certificate.read_bytes() == before
    key.unlink()
    ensure_certificate(tmp_path / "data")
    assert certificate.read_bytes() != before


def test_a_damaged_certificate_names_file_and_remedy(tmp_path: Path) -> None:
    certificate, _ = ensure_certificate(tmp_path)
    certificate.write_text("nonsense")
    with pytest.raises(VoicebotError, match="删除") as caught:
        ensure_certificate(tmp_path)
    assert caught.value.code == "certificate.damaged"
    assert str(certificate) in caught.value.message


async def test_the_first_account() -> None:
    accounts = FakeAccounts()
    made = await ensure_admin(accounts, None)
    assert made is not None
    assert len(made) >= 16
    assert accounts.accounts["admin"] == (made, Role.ADMIN)
    assert await ensure_admin(accounts, "other") is None
    assert accounts.accounts["admin"][0] == made
    configured = FakeAccounts()
    assert await ensure_admin(configured, "from settings") is None
    assert configured.accounts["admin"][0] == "from settings"
