"""Who is served sooner, as far as it is known."""

import asyncio
from types import MappingProxyType

import pytest

from tests.virtual_time import SHANGHAI_MORNING, on_virtual_time
from voicebot.calls.callers import CallerBook
from voicebot.core.catalogue import CityProfile
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import CallId, QueueName
from voicebot.seats.contact import Contact

OLD, FIRM, PLAIN = "13800000001", "13800000002", "13800000003"


def city() -> CityProfile:
    listed = {"elder": frozenset({OLD}), "enterprise": frozenset({FIRM})}
    return CityProfile("云江市", "云江12345", "数据局", callers=MappingProxyType(listed))


def contact(queue: str = "综合") -> Contact:
    return Contact(CallId("c1"), QueueName(queue), SHANGHAI_MORNING)


@pytest.mark.parametrize(
    ("number", "queue", "elder", "enterprise"),
    [
        (OLD, "综合", True, False),
        (FIRM, "综合", False, True),
        (PLAIN, "综合", False, False),
        (PLAIN, "长者", True, False),
        (PLAIN, "企业", False, True),
        ("", "综合", False, False),
    ],
)
@on_virtual_time
async def test_by_number_or_queue(number: str, queue: str, elder: bool, enterprise: bool) -> None:
    async def twice(_: str) -> int:
        return 2

    noted = await CallerBook(city, twice).noted(contact(queue), number)
    assert (noted.elder, noted.enterprise, noted.repeat) == (elder, enterprise, 2 if number else 0)


@on_virtual_time
async def test_a_store_that_is_away_or_slow_keeps_nobody_waiting() -> None:
    async def away(_: str) -> int:
        raise VoicebotError("db.busy", "", retryable=True)

    async def slow(_: str) -> int:
        await asyncio.sleep(30)
        return 1

    began = asyncio.get_running_loop().time()
    for earlier in (away, slow):
        assert (await CallerBook(city, earlier).noted(contact(), OLD)).repeat == 0
    assert asyncio.get_running_loop().time() - began < 2
