"""What use cases and pages need from storage and from the running hotline."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    ADMIN = "admin"
    EDITOR = "editor"
    DISPATCHER = "dispatcher"
    HANDLER = "handler"
    SEAT = "seat"
    SUPERVISOR = "supervisor"
    SYSTEM = "system"
    """Another system by its token: 网格, 信访, 110 …"""


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in.

    Args:
        department: unit of a handler, name of another system as references name it (``110``); None: none.
    """

    name: str
    role: Role
    department: str | None = None


class AccountStore(Protocol):
    """Accounts, sessions and API tokens. Passwords are argon2 hashes; session and token secrets
    are stored as SHA-256 only."""

    async def create(self, name: str, password: str, role: Role, department: str | None = None) -> Account:
        """Raises VoicebotError ``account.exists``."""
        ...

    async def names(self) -> Sequence[str]: ...

    async def sign_in(self, name: str, password: str) -> str | None:
        """Secret of a new session, or None (wrong name and wrong password take equally long)."""
        ...

    async def sign_out(self, session: str) -> None: ...

    async def by_session(self, session: str) -> Account | None:
        """None when unknown or expired; extends a living one."""
        ...

    async def make_token(self, account: str, label: str) -> str:
        """Secret of a new API token, shown once."""
        ...

    async def by_token(self, token: str) -> Account | None: ...


@dataclass(frozen=True, slots=True)
class PartStatus:
    """One part of the running hotline. `note` is for people, e.g. "Whisper-base: fallback, not Vosk"."""

    name: str
    ready: bool
    note: str = ""


class StatusReader(Protocol):
    async def parts(self) -> Sequence[PartStatus]:
        """Asks every process; a silent one is reported as not ready within 1 s."""
        ...
