"""Values inside a 工单: what is asked for, watched, linked or over. Frozen, JSON by `codec`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from voicebot.core.ids import DepartmentName


class Difficulty(StrEnum):
    """Flag of a matter that the ordinary way does not settle."""

    NORMAL = "一般"
    HARD = "疑难"
    LEGACY = "历史遗留"


class SupervisionLevel(StrEnum):
    """How high a 督办 hangs."""

    NORMAL = "一般督办"
    KEY = "重点督办"
    LISTED = "挂牌督办"


@dataclass(frozen=True, slots=True)
class Extension:
    """A request for more time that nobody has decided on yet."""

    until: datetime
    reason: str
    by: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Supervision:
    """A 督办 in force.

    Args:
        note: the leader's note (批示).
        due: until when the unit must report back.
        by: actor who ordered it. `since`: when.
        feedback: what the unit reported last; "" before.
    """

    level: SupervisionLevel
    note: str
    due: datetime
    by: str
    since: datetime
    feedback: str = ""
    fed_back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """The same matter in another system.

    Args:
        system: ``110``, ``网格``, ``信访`` … `number`: its id there.
    """

    system: str
    number: str


@dataclass(frozen=True, slots=True)
class Round:
    """One round of work that was not enough; kept when the next begins.

    Args:
        why: reason of the 重办 that ended it. `ended_at`: when.
    """

    number: int
    department: DepartmentName | None
    reply: str
    due_at: datetime
    replied_at: datetime | None
    closed_at: datetime | None
    solved: bool | None
    rating: int | None
    rating_reason: str
    why: str
    ended_at: datetime
