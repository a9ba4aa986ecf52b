"""Accounts, sessions and tokens."""

import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.fakes.clocks import HandClock
from voicebot.adapters.db.accounts import IDLE, SqlAccounts
from voicebot.adapters.db.database import Database
from voicebot.core.errors import VoicebotError
from voicebot.operations.ports import Account, AccountStore, Role

pytestmark = pytest.mark.integration

WORD = "云江12345!"


class CountingHasher(PasswordHasher):
    """Light argon2 that counts its work and sees where it is done."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = 0
        self.threads: list[threading.Thread] = []

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.threads.append(threading.current_thread())
        return super().hash(password, salt=salt)

    def verify(self, *arguments: str | bytes) -> bool:  # type: ignore[override]
        self.verified += 1
        self.threads.append(threading.current_thread())
        return super().verify(*arguments)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hotline.sqlite3"


@pytest.fixture
async def accounts(path: Path, clock: HandClock, hasher: CountingHasher) -> AsyncIterator[AccountStore]:
    database = await Database.open(path)
    yield SqlAccounts(database, clock, hasher)
    await database.close()


async def test_sign_in(accounts: AccountStore) -> None:
    made = await accounts.create("admin", WORD, Role.ADMIN)
    assert made == Account("admin", Role.ADMIN)
    session = await accounts.sign_in("admin", WORD)
    assert session is not None
    assert await accounts.by_session(session) == made
    await accounts.sign_out(session)
    assert await accounts.by_session(session) is None


async def test_sessions_of_one_account_are_apart(accounts: AccountStore) -> None:
    await accounts.create("admin", WORD, Role.ADMIN)
    first, second = await accounts.sign_in("admin", WORD), await accounts.sign_in("admin", WORD)
    assert first
    assert second
    assert first != second
    await accounts.sign_out(first)
    assert await accounts.by_session(second) is not None


@pytest.mark.parametrize(("name", "password"), [("admin", "x"), ("nobody", WORD), ("", ""), ("ADMIN", WORD)])
async def test_refused(accounts: AccountStore, name: str, password: str) -> None:
    await accounts.create("admin", WORD, Role.ADMIN)
    assert await accounts.sign_in(name, password) is None


async def test_an_unknown_name_costs_the_same_work(accounts: AccountStore, hasher: CountingHasher) -> None:
    await accounts.create("admin", WORD, Role.ADMIN)
    await accounts.sign_in("admin", "wrong")
    assert hasher.verified == 1
    await accounts.sign_in("nobody", "wrong")
    assert hasher.verified == 2


async def test_names_are_taken_once(accounts: AccountStore) -> None:
    await accounts.create("li", WORD, Role.HANDLER)
    await accounts.create("an", WORD, Role.SEAT)
    with pytest.raises(VoicebotError, match=r"account\.exists.*li"):
        await accounts.create("li", "other word", Role.ADMIN)
    assert list(await accounts.names()) == ["an", "li"]


async def test_a_session_lives_while_it_is_used(accounts: AccountStore, clock: HandClock) -> None:
    await accounts.create("admin", WORD, Role.ADMIN)
    session = await accounts.sign_in("admin", WORD)
    assert session is not None
    for _ in range(4):
        clock.pass_(IDLE - timedelta(seconds=1))
        assert await accounts.by_session(session) is not None
    clock.pass_(IDLE)
    assert await accounts.by_session(session) is None


async def test_tokens(accounts: AccountStore) -> None:
    await accounts.create("grid", WORD, Role.DISPATCHER)
    token = await accounts.make_token("grid", "网格平台")
    assert await accounts.by_token(token) == Account("grid", Role.DISPATCHER)
    assert await accounts.by_token(token + "x") is None
    assert await accounts.by_session(token) is None
    with pytest.raises(VoicebotError, match=r"account\.unknown"):
        await accounts.make_token("nobody", "x")


async def test_no_secret_is_stored(accounts: AccountStore, path: Path) -> None:
    await accounts.create("admin", WORD, Role.ADMIN)
    secrets = [WORD, await accounts.sign_in("admin", WORD), await accounts.make_token("admin", "x")]
    with closing(sqlite3.connect(path)) as connection:
        dump = "\n".join(connection.iterdump())
    assert all(secret and secret not in dump for secret in secrets)
    assert "$argon2id$" in dump


async def test_hashing_stays_off_the_event_loop(accounts: AccountStore, hasher: CountingHasher) -> None:
    await accounts.create("admin", WORD, Role.ADMIN)
    await accounts.sign_in("admin", WORD)
    assert len(hasher.threads) == 3
    assert threading.main_thread() not in hasher.threads
