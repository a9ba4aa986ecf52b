"""Where slow results are kept between starts, by what they were made of."""

from typing import Final, Protocol


class Shelf(Protocol):
    """A cache that survives a restart: anything on it may be missing at any time."""

    def get(self, key: str) -> bytes | None:
        """What was put there under `key`, whole and unchanged; None when it is not there any more."""
        ...

    def put(self, key: str, value: bytes) -> None:
        """Keeps `value`; never fails: what cannot be kept is made again."""
        ...


class NoShelf:
    """Keeps nothing."""

    def get(self, key: str) -> bytes | None:
        return None

    def put(self, key: str, value: bytes) -> None:
        return None


NOTHING_KEPT: Final = NoShelf()
