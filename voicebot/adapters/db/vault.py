"""Personal data at rest: sealed with Fernet, found again by keyed hash.

The key file is made once beside the database (mode 0600). It has two kinds of line::

    search <base64>   key of the hashes; never changes
    seal <base64>     Fernet key; the first seals, all open (`rotation` puts a new one first)

The same words may come from the environment instead (`DatabaseOptions.keys`).
"""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from voicebot.core.errors import VoicebotError

KEY_FILE: Final = "hotline.key"
FROM_ENVIRONMENT: Final = "VOICEBOT_DATABASE__KEYS"

_Stamp = tuple[int, int, int]


class Vault:
    """Seals, opens and hashes short texts.

    Args:
        place: for messages. file: looked at again whenever it is replaced, so that a new key seals in all
            processes at once, without a restart.
    """

    def __init__(self, search: bytes, seals: Sequence[bytes], place: str, file: Path | None = None) -> None:
        self._search = search
        self._place = place
        self.file: Final = file
        self._stamp = _stamp(file)
        self._use(seals)

    def seal(self, text: str) -> bytes | None:
        """None for an empty text, so that "nothing known" stays visible."""
        self.follow()
        return self._fernet.encrypt(text.encode()) if text else None

    def open(self, sealed: bytes | None) -> str:
        """Raises VoicebotError ``db.key_wrong`` when another key sealed it."""
        if sealed is None:
            return ""
        self.follow()
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

    def is_current(self, sealed: bytes) -> bool:
        """Whether the first key sealed it."""
        try:
            self._first.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def renewed(self, sealed: bytes) -> bytes:
        """The same text sealed with the first key, with the moment of before; raises ``db.key_wrong``."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken as error:
            raise VoicebotError("db.key_wrong", f"{self._place} 里没有封存这条数据的密钥") from error

    def _use(self, seals: Sequence[bytes]) -> None:
        keys = [Fernet(seal) for seal in seals]
        self._first, self._fernet = keys[0], MultiFernet(keys)

    def follow(self) -> None:
        """Takes up a key file that was replaced; one that is away or broken changes nothing."""
        if self.file is None or (stamp := _stamp(self.file)) in (self._stamp, None):
            return
        try:
            search, seals = read_keys(self.file)
        except VoicebotError:
            return
        if search == self._search:
            self._use(seals)
        self._stamp = stamp


def read_vault(path: Path) -> Vault:
    """Raises VoicebotError ``db.key_missing``, ``db.key_damaged``."""
    return Vault(*read_keys(path), str(path), path)


def vault_of(keys: str) -> Vault:
    """The vault of keys that come from the environment; raises VoicebotError ``db.key_damaged``."""
    return Vault(*_parsed(keys, FROM_ENVIRONMENT), FROM_ENVIRONMENT)


def read_keys(path: Path) -> tuple[bytes, list[bytes]]:
    """(key of the hashes, keys that seal); raises like `read_vault`."""
    try:
        text = path.read_text("ascii")
    except OSError as error:
        raise VoicebotError(
            "db.key_missing", f"读不到密钥文件 {path}：没有它，库里的电话号码无法读出，请从备份放回"
        ) from error
    except ValueError as error:
        raise _damaged(f"文件 {path}") from error
    return _parsed(text, f"文件 {path}")


def _parsed(text: str, place: str) -> tuple[bytes, list[bytes]]:
    words = text.split()
    try:
        pairs = list(zip(words[::2], words[1::2], strict=True))
        search = next(base64.urlsafe_b64decode(value) for kind, value in pairs if kind == "search")
        seals = [value.encode("ascii") for kind, value in pairs if kind == "seal"]
        for seal in seals:
            Fernet(seal)
    except (ValueError, StopIteration) as error:
        raise _damaged(place) from error
    if not seals or not search:
        raise _damaged(place)
    return search, seals


def _damaged(place: str) -> VoicebotError:
    return VoicebotError("db.key_damaged", f"密钥{place} 已损坏：请从备份放回")


def make_key_file(path: Path) -> None:
    """Writes a fresh key file that is either whole or absent; raises OSError."""
    write_keys(path, secrets.token_bytes(32), [Fernet.generate_key()])


def write_keys(path: Path, search: bytes, seals: Sequence[bytes]) -> None:
    """Replaces the key file in one step that outlives a power cut; raises OSError."""
    lines = [f"search {base64.urlsafe_b64encode(search).decode()}"]
    lines += [f"seal {seal.decode()}" for seal in seals]
    half = path.with_suffix(".key-new")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # nothing may be sealed with a key whose file a power cut takes back
    finally:
        os.close(folder)


def _stamp(file: Path | None) -> _Stamp | None:
    try:
        found = file.stat() if file is not None else None
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_ino, found.st_size)
