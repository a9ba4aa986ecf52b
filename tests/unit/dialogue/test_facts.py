"""What branches may ask for."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from tests.flows.caller import CITY, catalogue, shipped_flows
from voicebot.core.catalogue import CityProfile
from voicebot.core.hours import DayType, Hours, Outage
from voicebot.core.ids import FlowName, LanguageTag
from voicebot.core.meaning import AppealType
from voicebot.dialogue import State, start
from voicebot.dialogue.facts import FACTS, Situation, day_of, outages
from voicebot.dialogue.manner import Manner
from voicebot.dialogue.state import Filled
from voicebot.dialogue.values import read, render

TUESDAY = datetime(2026, 11, 24, 9, 30)
CALL = replace(start(shipped_flows(), FlowName("main")), caller="13800000001", dialled="12345")
OPEN = replace(
    CITY, business_hours={DayType.WORKDAY: (Hours(time(8, 30), time(12)), Hours(time(13), time(17)))}
)


def fact(name: str, city: CityProfile = CITY, at: datetime = TUESDAY, state: State = CALL) -> str:
    return FACTS[name].read(Situation(state, city, at))


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 11, 24), "workday"),
        (date(2026, 11, 28), "weekend"),
        (date(2026, 10, 1), "holiday"),
        (date(2026, 10, 3), "holiday"),  # a Saturday of the holiday
        (date(2026, 9, 20), "workday"),  # a Sunday that is worked for it
        (date(2031, 6, 7), "weekend"),  # not published yet: weekdays stand in
    ],
)
def test_the_kind_of_day_follows_the_published_calendar(day: date, kind: str) -> None:
    assert fact("day", at=datetime.combine(day, time(10))) == kind


def test_the_city_knows_better() -> None:
    city = replace(CITY, days={date(2026, 11, 24): DayType.HOLIDAY})
    assert day_of(city, date(2026, 11, 24)) is DayType.HOLIDAY
    assert fact("business_hours", replace(OPEN, days=city.days)) == "no"


@pytest.mark.parametrize(
    ("city", "at", "is_open"),
    [
        (CITY, TUESDAY.replace(hour=3), "yes"),  # nothing said: always
        (OPEN, TUESDAY, "yes"),
        (OPEN, TUESDAY.replace(hour=12, minute=0), "no"),
        (OPEN, TUESDAY.replace(hour=13, minute=0), "yes"),
        (OPEN, datetime(2026, 11, 28, 9, 30), "no"),  # a weekend that is not named
    ],
)
def test_business_hours(city: CityProfile, at: datetime, is_open: str) -> None:
    assert fact("business_hours", city, at) == is_open


def test_night() -> None:
    city = replace(CITY, night=Hours(time(22), time(6)))
    assert fact("night", city, TUESDAY.replace(hour=23)) == "yes"
    assert fact("night", city) == "no"
    assert fact("night", at=TUESDAY.replace(hour=23)) == "no"


def test_the_caller() -> None:
    city = replace(CITY, callers={"elder": frozenset({"13800000001"})})
    assert fact("caller_class", city) == "elder"
    assert fact("caller_class") == ""
    assert fact("caller_known") == "yes"
    assert (fact("caller_repeat"), fact("caller_repeat", state=replace(CALL, earlier=2))) == ("no", "yes")
    assert fact("caller_known", state=replace(CALL, caller="")) == "no"
    assert fact("caller_language", state=replace(CALL, wanted=LanguageTag("en"))) == "en"
    assert fact("caller_manner", state=replace(CALL, manner=Manner.PATIENT)) == "patient"
    assert (fact("dialled"), fact("channel")) == ("12345", "phone")
    assert fact("appeal_type", state=replace(CALL, appeal_type=AppealType.PRAISE)) == "表扬"


def test_the_state_of_the_city_and_of_the_hotline() -> None:
    begins, ends = TUESDAY.replace(hour=8), TUESDAY.replace(hour=18)
    city = replace(
        CITY,
        emergency_mode=True,
        outages=(Outage(begins, ends, "幸福路停水。"), Outage(ends, ends.replace(hour=20), "人民路停电。")),
    )
    assert (fact("emergency_mode", city), fact("emergency_mode")) == ("yes", "no")
    assert (fact("outage", city), fact("outage")) == ("yes", "no")
    assert outages(Situation(CALL, city, TUESDAY)) == "幸福路停水。"
    main = shipped_flows().flows[FlowName("main")]
    assert read("outages", Situation(CALL, city, ends), main) == "人民路停电。"
    assert (fact("overload", state=replace(CALL, overload=True)), fact("overload")) == ("yes", "no")


def test_an_outage_is_told_to_those_it_concerns() -> None:
    begins, ends = TUESDAY.replace(hour=8), TUESDAY.replace(hour=18)
    dry = Outage(begins, ends, "幸福路停水。", about=("停水", "没水"), places=("幸福", "云东区"))
    city = replace(CITY, outages=(dry,))

    def told(filed: bool = False, **slots: str) -> str:
        state = replace(CALL, filed=filed, slots=tuple(Filled(n, v) for n, v in slots.items()))
        return outages(Situation(state, city, TUESDAY))

    assert told(question="怎么没水了") == told(what="停水了", address="幸福小区") == dry.say
    assert told(what="停水了", address="人民路", district="云东区") == dry.say
    assert told(what="幸福小区停水了", address="3号楼") == dry.say
    assert told(what="停水了", address="人民路") == ""
    assert told(what="路灯坏了", address="幸福路") == told() == ""
    assert told(what="停水了", question="社保卡丢了", filed=True) == ""  # that matter is over


def test_the_line_a_call_came_in_on() -> None:
    call = replace(start(shipped_flows(), FlowName("enterprise")), flow=FlowName("ticket"))
    assert fact("line", state=call) == "enterprise"


def test_each_fact_says_what_it_is_and_may_be() -> None:
    for name, known in FACTS.items():
        assert known.what
        values = known.values(catalogue())
        assert values is None or fact(name) in ("", *values), name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{room}", "1203室"),
        ("{room:digits}", "幺二零三室"),
        ("{room:number}", "一千二百零三室"),
        ("{room:digits}，{hotline}", "幺二零三室，云江12345"),
    ],
)
def test_a_variable_may_say_how_its_digits_are_read(text: str, said: str) -> None:
    state = replace(CALL, slots=(Filled("room", "1203室"),))
    flow = shipped_flows().flows[FlowName("main")]
    assert render(text, Situation(state, CITY, TUESDAY), flow) == said
