"""Personal data at rest: sealed with Fernet, found again by keyed hash.

The key file is made once beside the database (mode 0600). It has two kinds of line::

    search <base64>   key of the hashes; never changes
    seal <base64>     Fernet key; the first seals, all open (put a new one first to rotate)
"""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from voicebot.core.errors import VoicebotError

KEY_FILE: Final = "hotline.key"


class Vault:
    """Seals, opens and hashes short texts."""

    def __init__(self, search: bytes, seals: list[bytes], place: str) -> None:
        self._search = search
        self._fernet = MultiFernet([Fernet(seal) for seal in seals])
        self._place = place

    def seal(self, text: str) -> bytes | None:
        """None for an empty text, so that "nothing known" stays visible."""
        return self._fernet.encrypt(text.encode()) if text else None

    def open(self, sealed: bytes | None) -> str:
        """Raises VoicebotError ``db.key_wrong`` when another key sealed it."""
        if sealed is None:
            return ""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise VoicebotError(
                "db.key_wrong", f"密钥文件 {self._place} 与数据库不配：请放回原来的密钥文件"
            ) from error

    def digest(self, kind: str, text: str) -> str:
        """Keyed hash of a text, 64 hex digits; "" for an empty text.

        Args:
            kind: keeps hashes of different things apart, e.g. ``phone``.
        """
        if not text:
            return ""
        return hmac.new(self._search, f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()


def read_vault(path: Path) -> Vault:
    """Raises VoicebotError ``db.key_missing``, ``db.key_damaged``."""
    try:
        lines = [line.split() for line in path.read_text("ascii").splitlines() if line.strip()]
        search = next(base64.urlsafe_b64decode(value) for kind, value in lines if kind == "search")
        seals = [value.encode() for kind, value in lines if kind == "seal"]
        return Vault(search, seals, str(path))
    except OSError as error:
        raise VoicebotError(
            "db.key_missing", f"读不到密钥文件 {path}：没有它，库里的电话号码无法读出，请从备份放回"
        ) from error
    except (ValueError, StopIteration) as error:
        raise VoicebotError("db.key_damaged", f"密钥文件 {path} 已损坏：请从备份放回") from error


def make_key_file(path: Path) -> None:
    """Writes a fresh key file that is either whole or absent; raises OSError."""
    text = f"search {base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}\n"
    text += f"seal {Fernet.generate_key().decode()}\n"
    half = path.with_suffix(".key-new")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
