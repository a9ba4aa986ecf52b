"""What the pages and the API need; implemented in `adapters`, wired by `bootstrap`.

The definitions stand a floor lower, since adapters do not know the web.
"""

from voicebot.calls.records import CallReader, CallView, TurnRecord
from voicebot.operations.ports import (
    Account,
    AccountStore,
    PartStatus,
    Role,
    StatusReader,
)
from voicebot.operations.unanswered import Standing, Unanswered, UnansweredBook

__all__ = [
    "Account",
    "AccountStore",
    "CallReader",
    "CallView",
    "PartStatus",
    "Role",
    "Standing",
    "StatusReader",
    "TurnRecord",
    "Unanswered",
    "UnansweredBook",
]
