"""The port over which a use case rings somebody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from voicebot.core.ids import CallId, FlowName, TicketNo
from voicebot.tickets.callbacks import CallbackKind, TryOutcome


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A call to be made.

    Args:
        number: whom to ring; digits.
        why: what for. `ticket_no`: about which ticket, if any.
        flow: the flow the call runs.
        known: slots that it begins with.
    """

    number: str
    why: CallbackKind
    ticket_no: TicketNo | None
    flow: FlowName
    known: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Rung:
    """What came of it.

    Args:
        call_id: record of the call, None when nobody answered.
        score: 1-5 as given in the call.
        told: slots of the flow as they stood at the end, cut short or not.
    """

    outcome: TryOutcome
    call_id: CallId | None = None
    score: int | None = None
    told: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Dialer(Protocol):
    def free(self) -> int:
        """Calls that may be under way at once now, those that are among them, without taking the last
        places from those who call us."""
        ...

    async def ring(self, order: CallOrder) -> Rung:
        """Makes the call and returns when it is over; what goes wrong is an outcome, never raised."""
        ...
