"""Bodies that the API takes about tickets. What is not known is refused, not ignored."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from voicebot.core.demand import Demand
from voicebot.core.ids import ArticleId, DepartmentName, TicketNo
from voicebot.core.meaning import AppealType, Urgency
from voicebot.tickets.given import Correction, Given
from voicebot.tickets.guards import LONGEST
from voicebot.tickets.parts import Difficulty, Reference, SupervisionLevel
from voicebot.tickets.rejection import RejectCode
from voicebot.tickets.ticket import TITLE_LENGTH

Text = Annotated[str, Field(max_length=LONGEST)]
Line = Annotated[str, Field(max_length=200)]
Unit = Annotated[str, Field(min_length=1, max_length=64)]
Number = Annotated[str, Field(pattern=r"^\d{14}$", examples=["20261124000072"])]


class Channel(StrEnum):
    """How a demand came in."""

    PHONE = "phone"
    WEB = "web"
    APP = "app"
    WECHAT = "wechat"
    SMS = "sms"
    MAIL = "mail"
    WALK_IN = "walk_in"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ReferenceIn(_Body):
    system: Unit
    number: Annotated[str, Field(min_length=1, max_length=64)]

    def value(self) -> Reference:
        return Reference(self.system, self.number)


class DemandIn(_Body):
    """诉求; names and numbers of people in the texts are masked."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={
            "examples": [
                {
                    "appeal_type": "求助",
                    "title": "路灯不亮",
                    "content": "云江路12号门口的路灯坏了，晚上一片漆黑，要求维修",
                    "channel": "wechat",
                    "address": "云江路12号",
                    "object": "路灯",
                    "caller_name": "王小明",
                    "phone": "13800008000",
                }
            ]
        },
    )

    appeal_type: AppealType
    title: Annotated[str, Field(min_length=1, max_length=TITLE_LENGTH)]
    content: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    channel: Channel = Channel.WEB
    urgency: Urgency = Urgency.NORMAL
    department: Unit | None = None
    category: Line = ""
    address: Line = ""
    district: Line = ""
    occurred: Line = ""
    object: Line = ""
    caller_name: Annotated[str, Field(max_length=40)] = ""
    phone: Annotated[str, Field(pattern=r"^[0-9+() \-]{0,24}$")] = ""
    confidential: bool = False
    anonymous: bool = False
    want_reply: bool = True
    origin_hotline: Annotated[str, Field(pattern=r"^\d{3,12}$")] = "12345"

    def demand(self, channel: str = "") -> Demand:
        """Args: channel: instead of the one that was named."""
        values = self.model_dump(include=set(DemandIn.model_fields) - {"category", "channel"})
        unit = values.pop("department")
        return Demand(
            **values, channel=channel or self.channel.value, department=DepartmentName(unit) if unit else None
        )


class HandoverIn(DemandIn):
    """A matter that another system hands over; handed over again it stays one ticket."""

    number: Annotated[str, Field(min_length=1, max_length=64, description="its number there")]


class ActionIn(_Body):
    """Reason and details of an action; docs/tickets.md says which it takes. Times that are left out come
    from the city's profile."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"reply": "路灯已修好，今晚起正常照明"}]},
    )

    reason: Text = ""
    department: Unit | None = None
    co_departments: Annotated[list[Unit], Field(max_length=20)] | None = None
    sign_due: AwareDatetime | None = None
    return_due: AwareDatetime | None = None
    due_at: AwareDatetime | None = None
    close_due: AwareDatetime | None = None
    reply: Text | None = None
    articles: Annotated[list[Unit], Field(max_length=20)] | None = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    rating_reason: Text | None = None
    solved: bool | None = None
    return_ground: Text | None = None
    reject_code: RejectCode | None = None
    difficult: Difficulty | None = None
    until: AwareDatetime | None = None
    level: SupervisionLevel | None = None
    note: Text | None = None
    due: AwareDatetime | None = None
    feedback: Text | None = None
    reached: bool | None = None
    reference: ReferenceIn | None = None

    def given(self) -> Given:
        values: dict[str, Any] = {
            name: getattr(self, name) for name in ActionIn.model_fields if name != "reason"
        }
        if self.co_departments is not None:
            values["co_departments"] = tuple(map(DepartmentName, self.co_departments))
        if self.articles is not None:
            values["articles"] = tuple(map(ArticleId, self.articles))
        if self.reference is not None:
            values["reference"] = self.reference.value()
        return Given(**values)


class CorrectionIn(_Body):
    """What is put right; the rest stays."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"address": "云江路21号", "reason": "诉求人来电更正门牌号"}]},
    )

    reason: Text = ""
    appeal_type: AppealType | None = None
    urgency: Urgency | None = None
    category: Line | None = None
    title: Annotated[str, Field(min_length=1, max_length=TITLE_LENGTH)] | None = None
    content: Text | None = None
    address: Line | None = None
    district: Line | None = None
    occurred: Line | None = None
    object: Line | None = None
    confidential: bool | None = None
    want_reply: bool | None = None
    sign_due: AwareDatetime | None = None
    due_at: AwareDatetime | None = None

    def given(self) -> Given:
        values = self.model_dump(exclude={"reason", "sign_due", "due_at"})
        return Given(correction=Correction(**values), sign_due=self.sign_due, due_at=self.due_at)


class OtherIn(_Body):
    """Another ticket, at the version that was seen."""

    ticket_no: Number
    version: Annotated[int, Field(ge=1)] | None = None


class SeveralIn(_Body):
    reason: Text = ""
    tickets: Annotated[list[OtherIn], Field(min_length=1, max_length=50)]

    def versions(self) -> dict[TicketNo, int | None]:
        return {TicketNo(each.ticket_no): each.version for each in self.tickets}


class SplitIn(_Body):
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    part: DemandIn


class RevealIn(_Body):
    reason: Annotated[str, Field(min_length=1, max_length=200, examples=["约上门时间"])]
