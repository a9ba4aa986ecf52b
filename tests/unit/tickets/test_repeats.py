"""Is this the matter of a ticket that is there already?"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clocks import MORNING
from tests.fakes.demands import lamp
from voicebot.core.demand import Demand
from voicebot.core.ids import TicketNo
from voicebot.tickets.deadlines import Due
from voicebot.tickets.fingerprints import MOST_KEYS, fingerprint
from voicebot.tickets.lifecycle import accept
from voicebot.tickets.matter import matter_of
from voicebot.tickets.repeats import SAME_CALLER, SAME_EVENT, Likeness, likeness
from voicebot.tickets.ticket import Ticket
from voicebot.tickets.topics import topics

FIRST = lamp()
LATER = MORNING + timedelta(hours=20)


def stored(demand: Demand, number: str = "20261124000001") -> Ticket:
    return accept(TicketNo(number), demand, Due(MORNING, MORNING), "bot", MORNING)[0]


def alike(demand: Demand, ticket: Ticket, own: bool = True) -> Likeness:
    return likeness(matter_of(demand, LATER), matter_of(ticket), own)


def same_matter(demand: Demand, ticket: Ticket) -> bool:
    return alike(demand, ticket).score >= SAME_CALLER


@pytest.mark.parametrize(
    "again",
    [
        lamp(),
        lamp(content="云江路12号门口的路灯还是坏的，晚上一片漆黑，要求尽快维修"),
        lamp(address="城东区云江路12号"),
        lamp(content="晚上一片漆黑，云江路12号门口的路灯坏了，要求维修", occurred="今天"),
        lamp(address=""),
        lamp(address="云江路十二号"),
        lamp(address="匀江路十二好", content="匀江路十二好的路登还是不亮"),
        lamp(address="", object="", content=FIRST.content),
        lamp(object="", content="昨天报过的云江路12号，晚上黑漆漆看不见路"),
    ],
)
def test_the_same_matter_again(again: Demand) -> None:
    assert same_matter(again, stored(FIRST))


@pytest.mark.parametrize(
    "other",
    [
        lamp(address="云江路13号"),
        lamp(address="云江路十三号", content="云江路十三号门口的路灯坏了，晚上一片漆黑，要求维修"),
        lamp(address="人民路12号", content="人民路12号门口的路灯坏了，晚上一片漆黑，要求维修"),
        lamp(object="井盖", content="云江路12号门口的井盖不见了，有人差点摔倒"),
        lamp(content="云江路12号楼上的邻居半夜装修，吵得睡不着觉", object=""),
        lamp(content="", title=""),
        lamp(callback_only=True),
    ],
)
def test_another_matter(other: Demand) -> None:
    assert not same_matter(other, stored(FIRST))


def test_building_numbers_decide() -> None:
    noise = "小区里装修噪声很大，影响休息，希望有人来管"
    third = lamp(address="金桂小区三栋", object="", content=noise)
    assert same_matter(third, stored(third))
    fifth = alike(lamp(address="金桂小区5栋", object="", content=noise), stored(third))
    assert fifth.score < 0.1
    assert "楼栋不同：5，3" in fifth.reasons


def test_a_whole_community_without_water_has_many_buildings() -> None:
    third = lamp(address="金桂小区三栋", object="", content="金桂小区停水了，整个小区都没水")
    ninth = lamp(address="金桂小区9栋", object="", content="金桂小区全停水，九栋也没有")
    assert alike(ninth, stored(third), own=False).score >= SAME_EVENT


def test_a_wish_for_a_call_back_is_never_joined() -> None:
    assert not same_matter(FIRST, stored(lamp(callback_only=True)))


def test_the_affairs_of_one_caller_need_no_place() -> None:
    pension = lamp(address="", object="", content="失业金申请了一个月没有到账")
    again = lamp(address="", object="", content="失业金还是没有到账")
    assert same_matter(again, stored(pension))
    assert alike(again, stored(pension), own=False).score < SAME_EVENT


def test_reasons_are_told() -> None:
    reasons = alike(lamp(object=""), stored(FIRST)).reasons
    assert "地点相同：云江路" in reasons
    assert "门牌号相同：12" in reasons
    assert any(reason.startswith("都说到：") and "路灯" in reason for reason in reasons)


def test_no_topic_is_heard_over_the_end_of_a_sentence() -> None:
    assert topics("晚上一片漆黑，请尽快维修。路灯") == {"路灯"}
    assert "施工" in topics("门口修路。吵得睡不着")


def test_two_tellings_share_a_key() -> None:
    again = lamp(address="匀江路", content="匀江路那盏路登不亮")
    assert fingerprint(again) & fingerprint(stored(FIRST))
    assert not fingerprint(FIRST) & fingerprint(lamp(address="人民路12号", content="人民路12号路灯坏了"))
    assert fingerprint(lamp(callback_only=True)) == frozenset()


TEXTS = st.text(
    st.sampled_from("翠湖路云江十二号栋小区花园灯坏了漏水0123ab，。 \x00😀楼单元没电"), max_size=60
)
DEMANDS = st.builds(
    lambda content, address, thing, occurred: lamp(
        content=content, address=address, object=thing, occurred=occurred
    ),
    TEXTS,
    TEXTS,
    TEXTS,
    st.sampled_from(["", "昨天晚上", "三天前", "天天", "2月30号"]),
)


@given(DEMANDS, DEMANDS)
def test_any_two_demands_compare_the_same_both_ways(a: Demand, b: Demand) -> None:
    one, two = matter_of(a, MORNING), matter_of(b, LATER)
    score = likeness(one, two).score
    assert 0.0 <= score <= 1.0
    assert likeness(two, one).score == pytest.approx(score)


@given(DEMANDS)
def test_keys_are_few(demand: Demand) -> None:
    assert len(fingerprint(demand)) <= MOST_KEYS
