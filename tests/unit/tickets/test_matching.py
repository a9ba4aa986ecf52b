import pytest

from tests.fakes.clocks import MORNING
from tests.fakes.demands import lamp
from voicebot.core.demand import Demand
from voicebot.core.ids import TicketNo
from voicebot.tickets.deadlines import Due
from voicebot.tickets.lifecycle import accept
from voicebot.tickets.matching import same_matter
from voicebot.tickets.ticket import Ticket

FIRST = lamp()


def stored(demand: Demand) -> Ticket:
    return accept(TicketNo("20261124000001"), demand, Due(MORNING, MORNING), "bot", MORNING)[0]


@pytest.mark.parametrize(
    "again",
    [
        lamp(),
        lamp(content="云江路12号门口的路灯还是坏的，晚上一片漆黑，要求尽快维修"),
        lamp(address="城东区云江路12号"),
        lamp(content="晚上一片漆黑，云江路12号门口的路灯坏了，要求维修", occurred="今天"),
        lamp(address=""),
    ],
)
def test_the_same_matter_again(again: Demand) -> None:
    assert same_matter(again, stored(FIRST))


@pytest.mark.parametrize(
    "other",
    [
        lamp(address="云江路13号"),
        lamp(address="云江路十二号"),
        lamp(address="人民路12号", content="人民路12号门口的路灯坏了，晚上一片漆黑，要求维修"),
        lamp(object="井盖", content="云江路12号门口的井盖不见了，有人差点摔倒"),
        lamp(content="云江路12号楼上的邻居半夜装修，吵得睡不着觉", object=""),
        lamp(address="", object="", content=FIRST.content),
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
    assert not same_matter(lamp(address="金桂小区五栋", object="", content=noise), stored(third))


def test_a_wish_for_a_call_back_is_never_joined() -> None:
    assert not same_matter(FIRST, stored(lamp(callback_only=True)))
