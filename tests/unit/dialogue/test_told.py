"""What a dialogue was told, as text and back."""

import json

import pytest

from tests.flows.caller import AT, LAMP, RECEIPT, SOCIAL_CARD, meaning, shipped_flows
from voicebot.core.errors import VoicebotError
from voicebot.core.handover import HandoverOutcome, Place
from voicebot.core.ids import CallId, FlowName
from voicebot.core.meaning import Intent
from voicebot.core.utterance import Utterance
from voicebot.dialogue import start, step
from voicebot.dialogue.events import (
    CallStarted,
    Event,
    HandoverEnded,
    Heard,
    Keyed,
    NoInput,
    Notified,
    PersonCame,
    Queued,
    StepFailed,
    TicketChanged,
    TicketFiled,
    TicketsFound,
)
from voicebot.dialogue.told import KINDS, LONGEST, After, Cut, Said, Told, decode, encode

EVENTS: tuple[Event, ...] = (
    CallStarted(CallId("c1"), "13800000000", "12345", "phone", AT, overload=True, earlier=3),
    Heard(Utterance("社保卡丢了", 0.83, 1.5, 2.5, "vosk"), meaning(Intent.FAQ), SOCIAL_CARD, AT),
    Keyed("12#", AT),
    NoInput(2, AT),
    TicketFiled(RECEIPT, AT),
    TicketsFound((LAMP, LAMP), AT),
    TicketChanged(LAMP, AT),
    TicketChanged(None, AT, "已办结"),
    Notified(AT),
    Queued(Place(3, 130.0), AT),
    PersonCame(AT),
    HandoverEnded(HandoverOutcome.NO_ANSWER, AT),
    StepFailed("stt.lost", AT),
)


def all_told(events: tuple[Event, ...] = EVENTS) -> tuple[Told, ...]:
    flows, told = shipped_flows(), []
    state = start(flows, FlowName("main"))
    for event in events:
        after = step(flows, state, event)
        state = after.state
        told.append(Told.of(event, after.state, after.effects))
    return tuple(told)


def test_there_and_back() -> None:
    told = all_told()
    assert {type(one.event).__name__ for one in told} | {"Cut"} == set(KINDS)
    assert decode(encode(told)) == told
    assert (encode(()), decode("")) == ("", ())


def test_what_was_heard_is_kept_as_words() -> None:
    said = all_told()[1].event
    assert said == Said(Utterance("社保卡丢了", 0.83, 1.5, 2.5, "vosk"), Intent.FAQ, SOCIAL_CARD.article, AT)
    assert SOCIAL_CARD.more not in encode(all_told())


def test_half_a_character() -> None:
    (told,) = decode(encode((Told(Keyed("\ud800", AT), After("main.greet")),)))
    assert told.event == Keyed("?", AT)


def test_a_turn_too_long_is_cut_and_says_so() -> None:
    long = Told(Keyed("1", AT), After("main.greet", says=("长" * 1000,)))
    text = encode((long,) * 100)
    assert len(text) <= LONGEST
    told = decode(text)
    assert told[:-1] == (long,) * (len(told) - 1)
    assert told[-1].event == Cut(AT)


@pytest.mark.parametrize(
    "text", ["{", "[1]", '[{"event":{"kind":"Dreamt"},"after":{"kind":"After"}}]', "{}", "7"]
)
def test_what_another_version_wrote(text: str) -> None:
    if text == "{}":
        assert decode(text) == ()
        return
    with pytest.raises(VoicebotError) as failed:
        decode(text)
    assert failed.value.code == "told.unreadable"


def test_fields_of_another_version_are_refused_or_ignored() -> None:
    row = json.loads(encode(all_told()[2:3]))
    row[0]["event"]["at"] = "gestern"
    with pytest.raises(VoicebotError, match="读不出来"):
        decode(json.dumps(row))
