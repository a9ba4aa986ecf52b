"""Webhooks: in order, again after failures, put aside, switched off; nothing is lost and nothing skipped."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes.clocks import MORNING, HandClock
from tests.fakes.hooks import DictHookBook, ListedFeed
from voicebot.core.errors import VoicebotError
from voicebot.operations.event_feed import FeedEvent
from voicebot.operations.hook_sender import PATIENCE, PAUSES, TRIES, HookSender, Refused
from voicebot.operations.webhooks import Hook, Webhooks, checked

AWAY = VoicebotError("notify.unreachable", "away", retryable=True)


def refused(status: int, wait: float | None = None) -> Refused:
    return Refused("notify.refused", f"answered {status}", status, wait, retryable=status >= 500)


class Receiver:
    """Answers as told, then takes everything."""

    def __init__(self) -> None:
        self.answers: list[VoicebotError | None] = []
        self.taken: list[int] = []
        self.tries = 0

    async def post(self, hook: Hook, event: FeedEvent) -> None:
        self.tries += 1
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.taken.append(event.id)


class City:
    def __init__(self) -> None:
        self.clock = HandClock()
        self.feed = ListedFeed()
        self.book = DictHookBook(self.feed)
        self.receiver = Receiver()
        self.hooks = Webhooks(self.book, self.feed, self.clock)
        self.sender = HookSender(self.book, self.feed, self.receiver, self.clock, "a")

    def happens(self, *subjects: str, department: str | None = None) -> None:
        for subject in subjects:
            body = {"ticket_no": "20261124000001", "department": department}
            self.feed.events.append(FeedEvent(len(self.feed.events) + 1, MORNING, subject, body))

    async def subscribes(self, *subjects: str, units: tuple[str, ...] = ()) -> Hook:
        return await self.hooks.add("h", "http://x.test/", "whsec_AAAA", subjects, units, "root")

    async def until_quiet(self) -> Hook:
        for _ in range(100):
            if not await self.sender.step():
                return await self.hooks.one("h")
        raise AssertionError("never quiet")


@pytest.fixture
def city() -> City:
    return City()


async def test_what_was_before_is_not_sent_and_the_rest_in_order(city: City) -> None:
    city.happens("ticket.accept")
    await city.subscribes()
    city.happens(*["ticket.sign"] * 120)
    hook = await city.until_quiet()
    assert city.receiver.taken == list(range(2, 122))
    assert hook.cursor == 121


async def test_only_what_was_asked_for(city: City) -> None:
    await city.subscribes("ticket.sign", units=("市水务局",))
    city.happens("ticket.sign", department="市公安局")
    city.happens("ticket.reply", "ticket.sign", department="市水务局")
    city.happens("ticket.sign")
    hook = await city.until_quiet()
    assert city.receiver.taken == [3]
    assert hook.cursor == 4


async def test_a_receiver_that_is_away_gets_everything_later(city: City) -> None:
    await city.subscribes()
    city.happens("ticket.accept", "ticket.sign")
    city.receiver.answers = [AWAY, refused(503), refused(500)]
    for number, pause in enumerate(PAUSES[:3], start=1):
        hook = await city.until_quiet()
        assert (hook.failures, hook.next_at) == (number, city.clock.now() + pause)
        assert not await city.sender.step()
        city.clock.pass_(pause)
    hook = await city.until_quiet()
    assert city.receiver.taken == [1, 2]
    assert (hook.failures, hook.trouble, hook.failing_since) == (0, "", None)


async def test_a_receiver_may_ask_for_more_time(city: City) -> None:
    await city.subscribes()
    city.happens("ticket.accept")
    city.receiver.answers = [refused(503, 600.0), refused(503, 1e9)]
    hook = await city.until_quiet()
    assert hook.next_at == city.clock.now() + timedelta(minutes=10)
    city.clock.pass_(timedelta(minutes=10))
    hook = await city.until_quiet()
    assert hook.next_at == city.clock.now() + PAUSES[-1]


async def test_gone_is_gone_until_somebody_says_otherwise(city: City) -> None:
    await city.subscribes()
    city.happens("ticket.accept", "ticket.sign")
    city.receiver.answers = [refused(410)]
    hook = await city.until_quiet()
    assert (hook.active, hook.cursor) == (False, 0)
    assert "410" in hook.trouble
    city.clock.pass_(timedelta(days=30))
    assert not await city.sender.step()
    await city.hooks.put(replace(hook, active=True))
    await city.until_quiet()
    assert city.receiver.taken == [1, 2]


async def test_after_days_of_failure_it_is_switched_off_and_nothing_is_lost(city: City) -> None:
    await city.subscribes()
    city.happens("ticket.accept")
    city.receiver.answers = [AWAY] * 100
    hook = await city.until_quiet()
    while hook.active:
        city.clock.pass_(PAUSES[-1])
        hook = await city.until_quiet()
    assert city.clock.now() - MORNING >= PATIENCE
    assert city.receiver.tries < 30
    city.receiver.answers = []
    await city.hooks.put(replace(hook, active=True))
    await city.until_quiet()
    assert city.receiver.taken == [1]


async def test_one_event_that_is_refused_does_not_keep_the_others(city: City) -> None:
    await city.subscribes()
    city.happens("ticket.accept", "ticket.sign")
    city.receiver.answers = [refused(400)] * TRIES
    for _ in range(TRIES):
        await city.until_quiet()
        city.clock.pass_(PAUSES[-1])
    assert city.receiver.taken == [2]
    (parked,) = await city.hooks.parked("h")
    assert (parked.event_id, "400" in parked.trouble) == (1, True)

    city.receiver.answers = [refused(400)]
    await city.hooks.again("h", 1)
    await city.until_quiet()
    assert [each.event_id for each in await city.hooks.parked("h")] == [1]
    await city.hooks.again("h", 1)
    await city.until_quiet()
    assert city.receiver.taken == [2, 1]
    assert await city.hooks.parked("h") == []


async def test_everything_behind_an_event_is_sent_again(city: City) -> None:
    hook = await city.subscribes()
    city.happens("ticket.accept", "ticket.sign", "ticket.reply")
    hook = await city.until_quiet()
    await city.hooks.put(replace(hook, cursor=1))
    await city.until_quiet()
    assert city.receiver.taken == [1, 2, 3, 2, 3]
    with pytest.raises(VoicebotError, match=r"webhook\.no_event"):
        await city.hooks.again("h", 99)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://x",
        "file:///etc/passwd",
        "http://",
        "http://u:p@x/",
        "http://x:0/",
        "http://x/ y",
        "http://[",
        "x",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(VoicebotError, match=r"webhook\.bad_url"):
        checked(url)
