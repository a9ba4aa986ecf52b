"""`/api/v1/webhooks`: where other systems are told what happens to tickets (docs/api.md)."""

import base64
import binascii
import secrets
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final, Self

from fastapi import APIRouter, Depends
from fastapi import Path as InPath
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from voicebot.operations.webhooks import SUBJECTS, Hook, Webhooks
from voicebot.web.gate import ADMINS
from voicebot.web.ports import Account
from voicebot.web.ticket_api import PROBLEMS

WHSEC: Final = "whsec_"


def _subject(text: str) -> str:
    if text not in SUBJECTS:
        raise ValueError("没有这种事件")
    return text


def _secret(text: str) -> str:
    try:
        key = base64.b64decode(text.removeprefix(WHSEC), validate=True)
    except binascii.Error as error:
        raise ValueError("密钥应是 whsec_ 加 Base64") from error
    if not text.startswith(WHSEC) or not 24 <= len(key) <= 64:
        raise ValueError("密钥应是 whsec_ 加 24 到 64 字节的 Base64")
    return text


Id = Annotated[str, InPath(pattern=r"^[0-9a-z]{1,32}$")]
Url = Annotated[str, Field(max_length=2000, examples=["https://grid.example.cn/events"])]
Subjects = Annotated[
    list[Annotated[str, AfterValidator(_subject)]],
    Field(max_length=60, description="`ticket.` and an action; none: all", examples=[["ticket.dispatch"]]),
]
Units = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=64)]],
    Field(max_length=100, description="of tickets that these units lead; none: all"),
]


class HookIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Url
    secret: Annotated[str, AfterValidator(_secret)] | None = Field(
        None, description="key of the signature; made and shown once when left out"
    )
    subjects: Subjects = []
    departments: Units = []


class HookPatch(BaseModel):
    """What changes; the rest stays."""

    model_config = ConfigDict(extra="forbid")

    url: Url | None = None
    subjects: Subjects | None = None
    departments: Units | None = None
    active: bool | None = Field(None, description="true: on again, from where it stood")


class HookOut(BaseModel):
    id: str
    url: str
    subjects: list[str]
    departments: list[str]
    active: bool
    cursor: int = Field(description="id of the last event that was dealt with")
    failures: int = Field(description="failed tries of the next one")
    failing_since: datetime | None
    next_at: datetime | None = Field(description="of the next try")
    trouble: str
    made_by: str
    made_at: datetime

    @classmethod
    def of(cls, hook: Hook) -> Self:
        values = {name: getattr(hook, name) for name in HookOut.model_fields}
        return cls(**values | {"subjects": list(hook.subjects), "departments": list(hook.departments)})


class HookMade(HookOut):
    secret: str = Field(description="shown this once")

    @classmethod
    def of(cls, hook: Hook) -> Self:
        return cls(**HookOut.of(hook).model_dump(), secret=hook.secret)


class HookPage(BaseModel):
    items: list[HookOut]


class ParkedOut(BaseModel):
    event_id: int
    at: datetime
    trouble: str = Field(description="empty while it waits to be sent again")


class ParkedPage(BaseModel):
    items: list[ParkedOut]


class Replay(BaseModel):
    """One event again, or everything behind an id."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"event_id": 4711}]})

    event_id: Annotated[int, Field(ge=1, le=2**62)] | None = None
    after: Annotated[int, Field(ge=0, le=2**62)] | None = None


def webhook_router(hooks: Webhooks) -> APIRouter:
    router = APIRouter(prefix="/api/v1/webhooks", responses=PROBLEMS, tags=["webhooks"])

    @router.get("", dependencies=[Depends(ADMINS)])
    async def all_() -> HookPage:
        """All subscriptions, without their secrets."""
        return HookPage(items=[HookOut.of(hook) for hook in await hooks.all()])

    @router.post("", status_code=201)
    async def add(who: Annotated[Account, Depends(ADMINS)], body: HookIn) -> HookMade:
        """Subscribes to what happens from now on."""
        secret = body.secret or WHSEC + base64.b64encode(secrets.token_bytes(32)).decode()
        made = await hooks.add(
            secrets.token_hex(8), body.url, secret, body.subjects, body.departments, who.name
        )
        return HookMade.of(made)

    @router.get("/{hook_id}", dependencies=[Depends(ADMINS)])
    async def one(hook_id: Id) -> HookOut:
        """One subscription and how it fares."""
        return HookOut.of(await hooks.one(hook_id))

    @router.patch("/{hook_id}", dependencies=[Depends(ADMINS)])
    async def change(hook_id: Id, body: HookPatch) -> HookOut:
        """Changes one; its failures are forgotten and it is tried at once."""
        hook = await hooks.one(hook_id)
        given = body.model_dump(exclude_none=True).items()
        named: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in given}
        return HookOut.of(await hooks.put(replace(hook, **named)))

    @router.delete("/{hook_id}", status_code=204, dependencies=[Depends(ADMINS)])
    async def remove(hook_id: Id) -> None:
        """Ends one."""
        await hooks.remove(hook_id)

    @router.get("/{hook_id}/parked", dependencies=[Depends(ADMINS)])
    async def parked(hook_id: Id) -> ParkedPage:
        """Events that its receiver would not take, oldest first, 100 at most."""
        items = [
            ParkedOut(event_id=p.event_id, at=p.at, trouble=p.trouble) for p in await hooks.parked(hook_id)
        ]
        return ParkedPage(items=items)

    @router.post("/{hook_id}/replay", status_code=202, dependencies=[Depends(ADMINS)])
    async def replay(hook_id: Id, body: Replay) -> HookOut:
        """Sends again: one event (`event_id`), or everything behind one (`after`)."""
        hook = await hooks.one(hook_id)
        if body.event_id is not None:
            await hooks.again(hook_id, body.event_id)
        if body.after is not None:
            hook = await hooks.put(replace(hook, cursor=min(body.after, hook.cursor)))
        return HookOut.of(hook)

    return router
