"""What an action brings along, as frozen values."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from voicebot.core.ids import ArticleId, DepartmentName, TicketNo
from voicebot.core.meaning import AppealType, Urgency
from voicebot.tickets.parts import Difficulty, Reference, SupervisionLevel
from voicebot.tickets.rejection import RejectCode
from voicebot.tickets.ticket import TicketAction


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person puts right; None leaves a field as it is."""

    appeal_type: AppealType | None = None
    urgency: Urgency | None = None
    category: str | None = None
    title: str | None = None
    content: str | None = None
    address: str | None = None
    district: str | None = None
    occurred: str | None = None
    object: str | None = None
    confidential: bool | None = None
    want_reply: bool | None = None

    def values(self) -> dict[str, Any]:
        """The fields that are set."""
        pairs = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: value for name, value in pairs if value is not None}


@dataclass(frozen=True, slots=True)
class Given:
    """Details of an action; its `Rule` says which it must and which it may have, all others must not.

    A name that is also a field of `Ticket` becomes that field. The rest:

    Args:
        until: end of the extension asked for. `latest`: the latest moment the city allows for it.
        level, note, due: of a 督办. `feedback`: what the unit reports about it.
        reached: whether the caller answered the 回访.
        part: number of the ticket split off.
        reference: the matter in another system.
        correction: fields put right.
    """

    department: DepartmentName | None = None
    department_score: float | None = None
    co_departments: tuple[DepartmentName, ...] | None = None
    sign_due: datetime | None = None
    return_due: datetime | None = None
    due_at: datetime | None = None
    close_due: datetime | None = None
    reply: str | None = None
    articles: tuple[ArticleId, ...] | None = None
    merge_parent: TicketNo | None = None
    group: TicketNo | None = None
    rating: int | None = None
    rating_reason: str | None = None
    solved: bool | None = None
    return_ground: str | None = None
    reject_code: RejectCode | None = None
    difficult: Difficulty | None = None
    until: datetime | None = None
    latest: datetime | None = None
    level: SupervisionLevel | None = None
    note: str | None = None
    due: datetime | None = None
    feedback: str | None = None
    reached: bool | None = None
    part: TicketNo | None = None
    reference: Reference | None = None
    correction: Correction | None = None


NOTHING: Final = Given()


@dataclass(frozen=True, slots=True)
class Move:
    """An action with who, when, why (numbers of people masked) and its details."""

    action: TicketAction
    actor: str
    at: datetime
    reason: str
    given: Given
