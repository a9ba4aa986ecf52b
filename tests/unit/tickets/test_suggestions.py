"""Which tickets are suggested as one matter, who joins whom, and where a ticket counts as a hot spot."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.clocks import MORNING
from tests.fakes.demands import lamp
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import TicketNo
from voicebot.core.meaning import AppealType
from voicebot.tickets.deadlines import Due
from voicebot.tickets.hotspots import HotSpotOptions, Level, Reported, heat, lasts
from voicebot.tickets.lifecycle import accept
from voicebot.tickets.spots import SpotKey, spots_of
from voicebot.tickets.state import State
from voicebot.tickets.suggestions import MOST, Beside, joining, pair, weigh
from voicebot.tickets.ticket import Ticket


def stored(serial: int, hours: float = 0, **changed: Any) -> Ticket:
    number = TicketNo(f"20261124{serial:06}")
    at = MORNING + timedelta(hours=hours)
    return accept(number, lamp(**changed), Due(at, at), "bot", at)[0]


NEW = stored(9, 20, phone="13911112222")


def test_suggestions_of_other_callers() -> None:
    others = [
        stored(1),
        stored(2, address="云江路13号"),
        stored(3, content="云江路12号的路灯一闪一闪，一片漆黑"),
        stored(4, callback_only=True),
    ]
    found = weigh(NEW, map(Beside, others))
    assert {each.ticket_no for each in found.likely} == {"20261124000001", "20261124000003"}
    scores = [each.likeness.score for each in found.likely]
    assert scores == sorted(scores, reverse=True)
    assert set(found.unlikely) == {"20261124000002", "20261124000004"}
    assert weigh(NEW, ()).likely == ()
    assert any("地点相同" in reason for reason in found.likely[0].likeness.reasons)


def test_no_more_than_a_person_looks_at() -> None:
    found = weigh(NEW, [Beside(stored(n)) for n in range(1, 9)])
    assert len(found.likely) == MOST
    assert found.unlikely == ()


@pytest.mark.parametrize(
    "secret", [{"confidential": True}, {"anonymous": True}, {"appeal_type": AppealType.REPORT}]
)
def test_secret_tickets_are_compared_with_nothing(secret: dict[str, Any]) -> None:
    assert weigh(NEW, [Beside(stored(1, **secret))]).likely == ()
    assert weigh(stored(9, 20, **secret), [Beside(stored(1))]).likely == ()
    assert spots_of(stored(1, **secret)) == ()


def test_of_one_group_one_member_is_suggested() -> None:
    head, member = stored(1), replace(stored(2), group=TicketNo("20261124000001"))
    assert len(weigh(NEW, [Beside(head), Beside(member)]).likely) == 1


def test_what_is_together_or_was_split_apart_is_not_suggested() -> None:
    head = stored(1)
    assert weigh(replace(NEW, group=head.ticket_no), [Beside(head)]).likely == ()
    assert weigh(replace(NEW, split_from=head.ticket_no), [Beside(head)]).likely == ()
    siblings = [replace(each, split_from=TicketNo("20261101000001")) for each in (head, NEW)]
    assert weigh(siblings[1], [Beside(siblings[0])]).likely == ()
    assert weigh(NEW, [Beside(NEW)]).likely == ()


def test_what_is_over_is_not_suggested() -> None:
    assert weigh(NEW, [Beside(replace(stored(1), state=State.CLOSED))]).likely == ()


def test_two_calls_of_one_caller_need_less() -> None:
    fund: dict[str, Any] = {
        "content": "失业金申请了一个月还没有到账",
        "title": "失业金",
        "address": "",
        "object": "失业金",
    }
    first, second = stored(1, **fund), stored(2, 20, **fund)
    assert weigh(second, [Beside(first, own=True)]).likely[0].own
    assert weigh(second, [Beside(first)]).likely == ()


def test_who_joins_whom() -> None:
    late, early, head = stored(9), stored(1), TicketNo("20261120000001")
    assert joining(late, early, False, False) == (late, early.ticket_no)
    assert joining(late, replace(early, group=head), False, False) == (late, head)
    assert joining(late, early, False, True) == (late, early.ticket_no)
    assert joining(late, early, True, False) == (early, late.ticket_no)
    assert joining(replace(late, group=head), early, False, False) == (early, head)
    with pytest.raises(VoicebotError, match="各在一个群诉里"):
        joining(replace(late, group=head), early, False, True)
    assert pair(early.ticket_no, late.ticket_no) == (late.ticket_no, early.ticket_no)


def test_where_a_ticket_counts() -> None:
    (spot,) = spots_of(stored(1))
    assert (spot.kind, spot.name) == ("路灯", "云江路")
    (same,) = spots_of(stored(2, address="云湖区云江路附近", content="晚上一片漆黑，路灯全灭了"))
    assert (same.place, same.kind) == (spot.place, spot.kind)
    (finer,) = spots_of(stored(3, address="云江路12号翠湖花园3栋"))
    assert finer.name == "翠湖花园"
    assert spots_of(stored(4, address="")) == ()
    unknown = replace(stored(5, content="有点怪", title="怪", object=""), category="城市管理/市容/占道")
    assert spots_of(unknown) == (SpotKey(spot.place, "占道", "云江路"),)


def test_how_hot_a_spot_is_now() -> None:
    def reports(callers: int) -> list[Reported]:
        return [Reported("p", "路灯", str(n), MORNING + timedelta(minutes=n)) for n in range(callers)]

    now = MORNING + timedelta(hours=2)
    five = heat(reports(5), now)
    assert (five.callers, five.mean) == (5, 0.0)
    assert [level for level, _ in five.levels] == [Level.WARNING]
    assert {level for level, _ in heat(reports(20), now).levels} == {Level.WARNING, Level.GROUP}
    assert heat(reports(4), now).levels == ()
    assert lasts(heat(reports(4), now))
    assert not lasts(heat(reports(2), now))
    assert heat(reports(5), MORNING - timedelta(hours=1)).callers == 0
    assert heat(reports(5), now + timedelta(days=1)).callers == 0
    assert heat(reports(2), now, HotSpotOptions(callers=2)).levels != ()
