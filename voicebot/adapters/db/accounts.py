"""Accounts, sessions and API tokens in the database."""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, select, update

from voicebot.adapters.db.database import Database
from voicebot.adapters.db.schema import account, api_token, session
from voicebot.core.clock import Clock
from voicebot.core.errors import VoicebotError
from voicebot.operations.ports import Account, Role

IDLE: Final = timedelta(hours=12)
"""A session that nobody used for so long is over."""
_TOUCH: Final = timedelta(minutes=1)
"""A use is written down at most this often, so that reading pages does not write all the time."""
_ACCOUNT: Final = (account.c.name, account.c.role, account.c.department)
_HASHES_AT_ONCE: Final = 2
"""Each argon2 run takes 64 MiB; a burst of sign-ins must not take the machine's memory."""


class SqlAccounts:
    """Implements `voicebot.operations.ports.AccountStore`."""

    def __init__(self, database: Database, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self._database = database
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self._slots = asyncio.Semaphore(_HASHES_AT_ONCE)
        self._nobody: str | None = None

    async def create(self, name: str, password: str, role: Role, department: str | None = None) -> Account:
        async with self._slots:
            hashed = await asyncio.to_thread(self._hasher.hash, password)
        async with self._database.write() as connection:
            if (await connection.execute(select(account.c.id).where(account.c.name == name))).first():
                raise VoicebotError("account.exists", f"账号 {name} 已存在，请换一个名字")
            row = {"name": name, "role": role.value, "password_hash": hashed, "created_at": self._clock.now()}
            await connection.execute(account.insert().values(**row, department=department))
        return Account(name, role, department)

    async def place(self, name: str, department: str) -> None:
        """Gives an account its unit. Raises VoicebotError ``account.unknown``."""
        moved = update(account).where(account.c.name == name).values(department=department)
        async with self._database.write() as connection:
            if not (await connection.execute(moved.returning(account.c.id))).first():
                raise VoicebotError("account.unknown", f"没有账号 {name}")

    async def names(self) -> Sequence[str]:
        return [found.name for found in await self.accounts()]

    async def accounts(self) -> Sequence[Account]:
        """All of them, by name."""
        query = select(*_ACCOUNT).order_by(account.c.name)
        async with self._database.read() as connection:
            return [_account(row) for row in await connection.execute(query)]

    async def sign_in(self, name: str, password: str) -> str | None:
        query = select(account.c.id, account.c.password_hash).where(account.c.name == name)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        # an unknown name costs the same work as a wrong password
        nobody = await self._hash_of_nobody()
        stored = row.password_hash if row is not None else nobody
        if not await self._matches(stored, password) or row is None:
            return None
        secret, now = secrets.token_urlsafe(32), self._clock.now()
        async with self._database.write() as connection:
            await connection.execute(delete(session).where(session.c.seen_at < now - IDLE))
            await connection.execute(
                session.insert().values(
                    secret_hash=_hash(secret), account_id=row.id, created_at=now, seen_at=now
                )
            )
        return secret

    async def sign_out(self, session_: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(session).where(session.c.secret_hash == _hash(session_)))

    async def by_session(self, session_: str) -> Account | None:
        hashed, now = _hash(session_), self._clock.now()
        query = (
            select(*_ACCOUNT, session.c.seen_at)
            .join(session, session.c.account_id == account.c.id)
            .where(session.c.secret_hash == hashed, session.c.seen_at > now - IDLE)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            return None
        if now - row.seen_at >= _TOUCH:
            async with self._database.write() as connection:
                await connection.execute(
                    update(session).where(session.c.secret_hash == hashed).values(seen_at=now)
                )
        return _account(row)

    async def make_token(self, account_: str, label: str) -> str:
        secret = f"vb_{secrets.token_urlsafe(32)}"
        async with self._database.write() as connection:
            found = (await connection.execute(select(account.c.id).where(account.c.name == account_))).first()
            if found is None:
                raise VoicebotError("account.unknown", f"没有账号 {account_}")
            row = {"account_id": found.id, "label": label, "created_at": self._clock.now()}
            await connection.execute(api_token.insert().values(secret_hash=_hash(secret), **row))
        return secret

    async def by_token(self, token: str) -> Account | None:
        query = (
            select(*_ACCOUNT)
            .join(api_token, api_token.c.account_id == account.c.id)
            .where(api_token.c.secret_hash == _hash(token))
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else _account(row)

    async def _hash_of_nobody(self) -> str:
        if self._nobody is None:
            async with self._slots:
                self._nobody = await asyncio.to_thread(self._hasher.hash, secrets.token_hex(16))
        return self._nobody

    async def _matches(self, stored: str, password: str) -> bool:
        async with self._slots:
            try:
                return await asyncio.to_thread(self._hasher.verify, stored, password)
            except (VerifyMismatchError, InvalidHashError):
                return False


def _account(row: Any) -> Account:
    return Account(row.name, Role(row.role), row.department)


def _hash(secret: str) -> str:
    """Secrets are 256 random bits, so a plain hash is enough to keep them from being read back."""
    return hashlib.sha256(secret.encode()).hexdigest()
