"""Offers, talks and what becomes of a call."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.seats.rows import (
    CALL,
    GENERAL,
    NOW,
    RULES,
    URGENT,
    A,
    B,
    C,
    after,
    call,
    refused,
    ringing,
    seat,
    talking,
)
from voicebot.core.ids import LanguageTag
from voicebot.seats import moves
from voicebot.seats.contact import OVER, Contact, ContactState, Leg, Party, SeatNote, Talk
from voicebot.seats.moved import Moved
from voicebot.seats.seat import Next, Seat, SeatState

S, K = SeatState, ContactState
TALK = Talk((Leg("1", Party.SEAT, "li", "talking"),))
ENDS = ((moves.leave, K.LEFT), (moves.call_back, K.CALL_BACK), (moves.elsewhere, K.ELSEWHERE))


def both(moved: Moved) -> tuple[Seat, Contact]:
    (row,), (contact,) = moved.seats, moved.contacts
    return row, contact


def test_from_the_queue_to_the_end() -> None:
    (queued,) = moves.enqueue(call()).contacts
    row, contact = both(moves.offer(seat(), queued, NOW, RULES))
    assert (row.state, row.call_id, row.until) == (S.OFFERED, CALL, after(15))
    assert (contact.state, contact.seat, contact.until) == (K.OFFERED, A, after(15))
    row, contact = both(moves.accept(replace(row, missed=2), contact, after(4)))
    assert (row.state, row.until, row.taken, row.missed) == (S.TALKING, None, 1, 0)
    assert (contact.state, contact.until, contact.taken_at) == (K.TAKEN, None, after(4))
    (contact,) = moves.talk_changed(contact, TALK).contacts
    assert moves.talk_changed(contact, TALK) == Moved()
    (row,) = moves.hold(row, after(5)).seats
    assert (row.state, moves.hold(row, after(6))) == (S.HELD, Moved())
    (row,) = moves.resume(row, after(7)).seats
    row, contact = both(moves.end_talk(row, contact, after(60), RULES))
    assert (row.state, row.call_id) == (S.WRAP_UP, CALL)
    assert (contact.state, contact.seat, contact.ended_at, contact.talk) == (K.DONE, A, after(60), None)


def test_each_seat_keeps_one_note_of_a_call() -> None:
    row, contact = talking()
    (contact,) = moves.note(row, contact, "answered", "").contacts
    (contact,) = moves.note(row, contact, "filed", "路灯").contacts
    assert moves.note(row, contact, "filed", "路灯") == Moved()
    row, contact = both(moves.end_talk(row, contact, after(60), RULES))
    (contact,) = moves.note(row, contact, "filed", "路灯，三天").contacts
    assert contact.notes == (SeatNote(A, "filed", "路灯，三天"),)
    (contact,) = moves.note(replace(row, id=B), contact, "passed", "").contacts
    assert [each.seat for each in contact.notes] == [A, B]


def test_a_note_is_that_of_the_call_one_has() -> None:
    row, contact = talking()
    refused("seat.not_yours", moves.note, replace(row, call_id=None), contact, "filed", "")
    refused("seat.not_yours", moves.note, replace(row, state=S.OFFERED), contact, "filed", "")


def test_only_new_calls_are_queued() -> None:
    refused("seat.not_waiting", moves.enqueue, call(version=1))
    refused("seat.not_waiting", moves.enqueue, call(state=K.TAKEN))


@pytest.mark.parametrize(
    "one",
    [
        *(seat(state=state) for state in S if state is not S.READY),
        seat(next=Next(S.BREAK, "用餐")),
        seat(beat=after(-11)),
    ],
)
def test_only_a_free_seat_is_asked(one: Seat) -> None:
    refused("seat.not_free", moves.offer, one, call(), NOW, RULES)


@pytest.mark.parametrize("state", [state for state in K if state is not K.WAITING])
def test_only_a_waiting_call_is_offered(state: ContactState) -> None:
    refused("seat.not_waiting", moves.offer, seat(), call(state=state), NOW, RULES)


def test_an_offer_of_another_machine_whose_clock_is_ahead_is_no_longer_than_others() -> None:
    row, contact = both(moves.offer(seat(since=after(3600)), call(), NOW, RULES))
    assert (row.since, row.until, contact.until) == (after(3600), after(15), after(15))
    assert not moves.offer_over(row, contact, after(1), RULES)


@pytest.mark.parametrize(
    ("at", "over"), [(-3, False), (0, False), (14.9, False), (15, True), (60, True), (-3600, True)]
)
def test_an_offer_ends_by_time_whatever_the_clock_does(at: float, over: bool) -> None:
    row, contact = ringing()
    assert moves.offer_over(row, contact, after(at), RULES) is over
    if over:
        freed, waiting = both(moves.time_out(row, contact, after(at), RULES))
        assert (freed.state, freed.missed, freed.call_id) == (S.READY, 1, None)
        assert (waiting.state, waiting.seat, waiting.refused, waiting.front) == (K.WAITING, None, (A,), False)
        assert waiting.since == contact.since
    else:
        refused("seat.not_due", moves.time_out, row, contact, after(at), RULES)


def test_who_accepts_too_late_is_told() -> None:
    row, contact = ringing()
    refused("seat.too_late", moves.accept, row, contact, after(15))
    freed, waiting = both(moves.time_out(row, contact, after(15), RULES))
    refused("seat.not_offered", moves.accept, freed, waiting, after(15.1))


def test_of_two_accepts_the_second_changes_nothing() -> None:
    row, contact = both(moves.accept(*ringing(), after(1)))
    assert moves.accept(row, contact, after(1)) == Moved()
    other = seat(B, S.OFFERED, call_id=CALL, until=after(15))
    stranger = replace(ringing()[1], seat=C)
    refused("seat.not_offered", moves.accept, other, stranger, after(1))
    refused("seat.not_offered", moves.accept, seat(B), contact, after(1))


@pytest.mark.parametrize("state", sorted(OVER))
def test_a_call_that_is_over_is_not_accepted_but_frees_the_seat(state: ContactState) -> None:
    row, contact = ringing()
    over = replace(contact, state=state, seat=None)
    refused("seat.already_over", moves.accept, row, over, after(1))
    (freed,) = moves.decline(row, over, after(1), RULES).seats
    assert freed.state is S.READY
    assert moves.decline(row, None, after(1), RULES).contacts == ()


def test_whoever_declines_again_and_again_is_busy() -> None:
    row, contact = ringing(missed=1)
    assert both(moves.decline(row, contact, after(1), RULES))[0].state is S.READY
    row, contact = ringing(missed=2)
    assert both(moves.decline(row, contact, after(1), RULES))[0].state is S.BUSY
    row, contact = ringing(missed=2, next=Next(S.BREAK, "用餐"))
    assert both(moves.decline(row, contact, after(1), RULES))[0].reason == "用餐"
    refused("seat.not_offered", moves.decline, seat(), contact, NOW, RULES)


@pytest.mark.parametrize("rows", [ringing(), talking()])
def test_a_seat_that_vanishes_leaves_its_caller_first_in_the_queue(rows: tuple[Seat, Contact]) -> None:
    row, contact = both(moves.vanish(*rows, after(20)))
    assert (row.state, row.tab, row.call_id, row.next) == (S.OFFLINE, "", None, None)
    assert (contact.state, contact.front, contact.seat, contact.refused) == (K.WAITING, True, None, (A,))
    assert (contact.since, contact.taken_at, contact.talk) == (NOW, None, None)
    assert moves.vanish(row, None, after(21)) == Moved()


def test_a_seat_vanishes_alone_when_the_call_is_not_its_own() -> None:
    row, contact = talking()
    assert moves.vanish(row, None, NOW).contacts == ()
    assert moves.vanish(row, replace(contact, seat=B), NOW).contacts == ()
    assert moves.vanish(row, replace(contact, state=K.DONE), NOW).contacts == ()
    refused("seat.not_vanished", moves.vanish, replace(row, phone="sip:1@pbx"), contact, NOW)


def test_the_second_of_a_talk_keeps_the_caller_of_one_who_vanishes() -> None:
    row, contact = talking()
    heir = seat(B, S.TALKING, call_id=CALL)
    moved = moves.vanish(row, contact, NOW, heir)
    assert moved.contacts[0] == replace(contact, seat=B)
    assert heir in moved.seats  # it must still be there when this is saved


def test_a_seat_that_cannot_be_reached_is_busy() -> None:
    row, contact = both(moves.fail(*talking(), after(5)))
    assert (row.state, contact.state, contact.front) == (S.BUSY, K.WAITING, True)
    refused("seat.not_yours", moves.fail, *ringing(), NOW)


@pytest.mark.parametrize(("move", "state"), ENDS)
def test_out_of_the_queue(move: Any, state: ContactState) -> None:
    (contact,) = move(call(), after(9)).contacts
    assert (contact.state, contact.ended_at, move(contact, after(9))) == (state, after(9), Moved())
    row, contact = both(move(ringing()[1], after(9), ringing(next=Next(S.BUSY))[0]))
    assert (row.state, row.missed, contact.state, contact.seat) == (S.BUSY, 0, state, None)
    row, contact = both(move(talking()[1], after(9), talking()[0]))  # accepted, but nobody has talked
    assert (row.state, row.taken, contact.state, contact.taken_at) == (S.READY, 0, state, None)
    refused("seat.talking", move, replace(talking()[1], talk=TALK), NOW, talking()[0])
    refused("seat.not_yours", move, ringing()[1], NOW)
    refused("seat.not_yours", move, ringing()[1], NOW, seat(B))
    refused("seat.already_over", move, call(state=K.DONE), NOW)


def test_a_supervisor_moves_a_waiting_call() -> None:
    (contact,) = moves.reroute(call(refused=(A,)), URGENT, "水", front=True).contacts
    assert (contact.queue, contact.skill, contact.front, contact.refused) == (URGENT, "水", True, ())
    assert contact.since == NOW
    refused("seat.not_waiting", moves.reroute, ringing()[1], URGENT)


def test_transfer_to_a_queue() -> None:
    row, contact = both(moves.transfer(*talking(), after(60), RULES, URGENT, "水", LanguageTag("en")))
    assert (row.state, contact.state, contact.queue, contact.skill) == (S.WRAP_UP, K.WAITING, URGENT, "水")
    assert (contact.language, contact.front, contact.refused) == ("en", True, (A,))
    assert (contact.since, contact.taken_at) == (after(60), None)
    row, contact = talking()
    refused("seat.not_yours", moves.transfer, row, replace(contact, seat=B), NOW, RULES, URGENT)
    refused("seat.not_in_call", moves.transfer, seat(), contact, NOW, RULES, URGENT)
    refused("seat.already_over", moves.transfer, row, replace(contact, state=K.DONE), NOW, RULES, URGENT)


def test_transfer_to_a_seat_that_does_not_answer_leaves_the_caller_first() -> None:
    moved = moves.transfer_to(*talking(), seat(B, beat=after(60)), after(60), RULES)
    (first, second), (contact,) = moved.seats, moved.contacts
    assert (first.state, second.state, contact.state) == (S.WRAP_UP, S.OFFERED, K.OFFERED)
    assert (contact.seat, contact.until, second.until) == (B, after(75), after(75))
    freed, contact = both(moves.time_out(second, contact, after(75), RULES))
    assert (freed.state, contact.state, contact.front) == (S.READY, K.WAITING, True)
    refused("seat.not_free", moves.transfer_to, *talking(), seat(B, S.BREAK), NOW, RULES)
    refused("seat.not_in_call", moves.transfer_to, *talking(), seat(A), NOW, RULES)


def test_a_second_seat_is_asked_answers_and_takes_over() -> None:
    first, contact = talking()
    moved = moves.consult(seat(B), contact, after(5), RULES)
    assert moved.contacts == (contact,)  # it must still be talked with when this is saved
    (second,) = moved.seats
    refused("seat.not_in_call", moves.hand_on, first, contact, second, after(6), RULES)
    (second,) = moves.accept(second, contact, after(7)).seats
    assert (second.state, second.taken) == (S.TALKING, 1)
    moved = moves.hand_on(first, contact, second, after(9), RULES)
    assert moved.seats[0].state is S.WRAP_UP
    assert moved.contacts == (replace(contact, seat=B),)
    second, contact = both(moves.end_talk(second, moved.contacts[0], after(20), RULES))
    assert (second.state, contact.state, contact.ended_at) == (S.WRAP_UP, K.DONE, after(20))


def test_a_second_seat_that_goes_ends_nothing() -> None:
    _, contact = talking()
    second = seat(B, S.TALKING, call_id=CALL)
    assert moves.end_talk(second, contact, after(9), RULES).contacts == ()
    assert moves.vanish(second, contact, after(9)).contacts == ()
    (asked,) = moves.consult(seat(B), contact, after(5), RULES).seats
    assert moves.time_out(asked, contact, after(20), RULES).contacts == ()
    refused("seat.not_offered", moves.accept, asked, call(), after(6))  # it waits again: not this way
    refused("seat.not_in_call", moves.consult, seat(B), call(), NOW, RULES)


def test_only_in_a_call() -> None:
    for move in (moves.hold, moves.resume):
        refused("seat.not_in_call", move, seat(), NOW)
    refused("seat.not_in_call", moves.talk_changed, call(), TALK)
    refused("seat.not_in_call", moves.end_talk, seat(), call(), NOW, RULES)
    refused("seat.not_yours", moves.end_talk, talking()[0], call("c2"), NOW, RULES)
    assert moves.end_talk(talking()[0], None, NOW, RULES).seats[0].state is S.WRAP_UP


def test_times_of_a_call_never_run_backwards() -> None:
    _, contact = both(moves.accept(*ringing(), after(-30)))
    assert contact.taken_at == NOW
    _, contact = both(moves.end_talk(talking()[0], replace(contact, queue=GENERAL), after(-60), RULES))
    assert contact.ended_at == NOW
    assert moves.leave(call(), after(-60)).contacts[0].ended_at == NOW


def test_a_move_is_a_change_for_the_store() -> None:
    change = moves.accept(*ringing(), after(1)).change("li", after(1))
    assert (change.event, change.actor, len(change.seats), len(change.contacts)) == ("accepted", "li", 1, 1)
