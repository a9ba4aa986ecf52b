"""From an address or a search box to a filter, and back."""

from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest

from voicebot.core.errors import VoicebotError
from voicebot.core.meaning import AppealType
from voicebot.tickets.listing import WORK_LISTS, Filter, WorkList
from voicebot.tickets.state import State
from voicebot.web.tickets.asking import address, filters, wish


@pytest.mark.parametrize(
    ("query", "by", "tried"),
    [
        ("20261124000072", "auto", [Filter(number="20261124000072")]),
        ("000072", "auto", [Filter(number="000072"), Filter(text="000072")]),
        ("8000", "auto", [Filter(number="8000"), Filter(phone="8000"), Filter(text="8000")]),
        ("138-0000 8000", "auto", [Filter(phone="13800008000"), Filter(number="13800008000")]),
        ("路灯不亮", "auto", [Filter(text="路灯不亮")]),
        ("云江路12号", "auto", [Filter(text="云江路12号")]),
        ("12", "auto", [Filter(text="12")]),
        ("8000", "phone", [Filter(phone="8000")]),
        ("8000", "text", [Filter(text="8000")]),
    ],
)
def test_what_is_typed_is_tried_as_what_it_may_be(query: str, by: str, tried: list[Filter]) -> None:
    assert list(filters({"q": query, "by": by})) == tried


def test_a_tail_that_is_too_short_is_said_so() -> None:
    with pytest.raises(VoicebotError, match="至少4位"):
        filters({"q": "80", "by": "number"})


def test_filters_narrow_a_work_list() -> None:
    wanted = {"list": "red", "appeal": "投诉", "district": "江南区", "since": "2026-11-01"}
    (found,) = filters(wanted)
    assert found.light is WORK_LISTS[WorkList.RED].light
    assert (found.appeal, found.district, found.since) == (
        AppealType.COMPLAINT,
        "江南区",
        date(2026, 11, 1),
    )


def test_a_state_that_a_list_cannot_hold_finds_nothing_rather_than_everything() -> None:
    assert filters({"list": "to_dispatch", "state": "closed"}) == ()
    (one,) = filters({"list": "to_dispatch", "state": "accepted"})
    assert one.states == {State.ACCEPTED}


@pytest.mark.parametrize("wrong", [{"since": "昨天"}, {"state": "x"}, {"appeal": "x"}, {"urgency": "x"}])
def test_what_an_address_cannot_mean_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(VoicebotError) as error:
        filters(wrong)
    assert error.value.code == "ticket.bad_filter"


def test_an_address_says_the_same_again() -> None:
    wanted = wish({"list": "red", "q": "it's 路灯 & <b>", "evil": "x", "unit": "市水务局", "by": "text"})
    shown = address(wanted, "2026_x")
    assert not set("'<> ") & set(shown)
    again = dict(parse_qsl(urlsplit(shown).query))
    assert again.pop("after") == "2026_x"
    assert wish(again) == wanted
    assert wish({"list": "nonsense"}) == {}
