"""The one exception family of the product.

An *expected* outcome (no answer known, nothing understood, no seat free) is a value, not an
exception. A `VoicebotError` is a failure that somebody must be told of; its code is stable and
appears in the log, in the API and in the console.
"""

from typing import Final


class VoicebotError(Exception):
    """A failure with a stable code.

    Args:
        code: stable, dotted, lower case, e.g. ``model.damaged``.
        message: for the person who must act on it; names the place and the remedy.
        retryable: the same request may succeed later without any change.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code: Final = code
        self.message: Final = message
        self.retryable: Final = retryable

    def __str__(self) -> str:
        return f"[{self.code}] {self.message}"
