"""The first account."""

import secrets
from typing import Final

from voicebot.web.ports import AccountStore, Role

ADMIN: Final = "admin"


async def ensure_admin(accounts: AccountStore, password: str | None) -> str | None:
    """Makes the account ``admin`` when there is none.

    Args:
        password: as configured; None or "" for a random one.

    Returns:
        The random password when one was made (print it, it is kept nowhere), else None.
    """
    if ADMIN in await accounts.names():
        return None
    made = None if password else secrets.token_urlsafe(12)
    await accounts.create(ADMIN, password or made or "", Role.ADMIN)
    return made
