"""The life of a ticket: what may follow what, and that its history tells the whole of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clocks import MORNING
from tests.fakes.demands import PHONE, lamp
from tests.fakes.lives import LATER, NO, PARENT, born, details, fitting, ready_for, standing_in, walk
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import ArticleId, DepartmentName, TicketNo
from voicebot.core.meaning import AppealType
from voicebot.tickets.birth import accept, draft
from voicebot.tickets.codec import decode, encode
from voicebot.tickets.deadlines import Deadlines, Due
from voicebot.tickets.given import NOTHING, Correction, Given
from voicebot.tickets.lifecycle import possible, rebuild, split, transition
from voicebot.tickets.parts import Reference, SupervisionLevel
from voicebot.tickets.rejection import GROUNDS, RejectCode
from voicebot.tickets.rules import RULES
from voicebot.tickets.state import FINAL, FINISHED, OPEN, State
from voicebot.tickets.ticket import Change, Ticket, TicketAction

A = TicketAction
EXTENDED = (A.ASK_EXTENSION, A.APPROVE_EXTENSION)
WHOLE_LIFE = (A.QUEUE, A.DISPATCH, A.SIGN, A.START, *EXTENDED, A.REPLY, A.CLOSE, A.CALL_BACK, A.ARCHIVE)


def test_the_circle_of_the_national_rule() -> None:
    ticket, events = walk(*WHOLE_LIFE)
    states = [event.after.label for event in events if event.action is not A.ASK_EXTENSION]
    assert states == [
        "已受理",
        "待派单",
        "已派单",
        "已签收",
        "办理中",
        "延期办理",
        "已答复",
        "已办结",
        "回访中",
        "已归档",
    ]
    assert rebuild(events) == ticket


def test_a_direct_answer_closes_in_the_call() -> None:
    ticket, _ = walk(A.REPLY, A.CLOSE)
    assert (ticket.state, ticket.reply) == (State.CLOSED, "已处理")


def test_redo_opens_a_new_round_and_allows_a_new_extension() -> None:
    ticket, _ = walk(A.QUEUE, A.DISPATCH, A.SIGN, *EXTENDED, A.REPLY, A.CLOSE, A.CALL_BACK, A.REDO)
    assert (ticket.state, ticket.round, ticket.extended) == (State.REDO, 2, False)


def test_the_clock_stands_still_while_returned() -> None:
    ticket, _ = walk(A.DISPATCH, A.RETURN)
    assert ticket.paused_at is not None
    back, _ = transition(ticket, A.QUEUE, "dispatcher:wu", ticket.paused_at + timedelta(days=2))
    assert back.due_at == ticket.due_at + timedelta(days=2)
    assert back.paused_at is None


def test_a_clock_set_back_never_shortens_the_deadline() -> None:
    ticket, _ = walk(A.DISPATCH, A.RETURN)
    back, _ = transition(ticket, A.QUEUE, "dispatcher:wu", MORNING - timedelta(days=3))
    assert back.due_at == ticket.due_at


def test_one_extension_a_round() -> None:
    ticket, _ = walk(A.DISPATCH, A.SIGN)
    from_twice = replace(ticket, extended=True)
    with pytest.raises(VoicebotError, match="每轮只能一次"):
        transition(from_twice, A.ASK_EXTENSION, "handler:li", MORNING, "等零件", Given(until=LATER))
    with pytest.raises(VoicebotError, match="须晚于原时限"):
        transition(ticket, A.ASK_EXTENSION, "handler:li", MORNING, "等零件", Given(until=ticket.due_at))


@pytest.mark.parametrize("action", [action for action in A if RULES[action].reason])
def test_some_moves_need_a_reason(action: TicketAction) -> None:
    with pytest.raises(VoicebotError, match="需要说明理由"):
        transition(ready_for(action), action, "handler:li", MORNING, "  ", fitting(action))


@pytest.mark.parametrize("action", [action for action in A if RULES[action].takes])
def test_what_a_move_takes_must_be_there_and_nothing_else(action: TicketAction) -> None:
    ticket = ready_for(action)
    with pytest.raises(VoicebotError, match="缺少内容"):
        transition(ticket, action, "handler:li", MORNING, "理由", NOTHING)
    with pytest.raises(VoicebotError, match="多余"):
        transition(ticket, action, "handler:li", MORNING, "理由", Given(**details(ticket, MORNING)))


@pytest.mark.parametrize("score", [0, 6, -1])
def test_ratings_are_one_to_five(score: int) -> None:
    with pytest.raises(VoicebotError, match="一分到五分"):
        transition(standing_in(State.CLOSED), A.RATE, "caller", MORNING, "", Given(rating=score))


def test_a_ticket_is_not_merged_into_itself() -> None:
    with pytest.raises(VoicebotError, match="不能并入自己"):
        transition(born()[0], A.MERGE, "dispatcher:wu", MORNING, "重复", Given(merge_parent=NO))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", A)
def test_every_pair_of_state_and_action(state: State, action: TicketAction) -> None:
    ticket, rule_ = ready_for(action, state), RULES[action]
    if state not in rule_.sources:
        with pytest.raises(VoicebotError) as refused:
            transition(ticket, action, "handler:li", MORNING, "理由", fitting(action))
        assert refused.value.code == "ticket.illegal_move"
        assert state.label in refused.value.message
        return
    after, event = transition(ticket, action, "handler:li", MORNING, "理由", fitting(action))
    assert after.state is (ticket.merged_from if action is A.UNMERGE else rule_.target or state)
    assert (event.before, event.after, event.seq) == (state, after.state, 2)


def test_every_state_has_a_name_and_can_be_reached_and_left() -> None:
    targets = {rule_.target for rule_ in RULES.values()}
    assert set(State) - {State.DRAFT} <= targets
    assert all(state.label for state in State)
    left = {state for rule_ in RULES.values() if rule_.target is not None for state in rule_.sources}
    assert set(State) - left == {State.ARCHIVED}
    assert not OPEN & FINISHED


def test_no_person_stays_readable() -> None:
    demand = lamp(
        content="我是王小明，电话13800008000或0288-8886666，身份证11010519491231002X，工单20261124000072",
        evidence=(("phone", "幺三八零零零零八零零零"),),
        title="王小明反映路灯不亮" + "很久" * 20,
    )
    ticket, event = accept(
        NO, demand, Deadlines().of(demand.appeal_type, demand.urgency, False, MORNING), "bot", MORNING
    )
    stored = f"{ticket}{event}"
    for secret in (PHONE, "王小明", "幺三八零零零零八零零零", "11010519491231002X"):
        assert secret not in stored
    assert "20261124000072" in ticket.content
    assert (ticket.name_mask, ticket.phone_mask) == ("王**", "138****8000")
    assert len(ticket.title) == 30


def test_an_anonymous_ticket_shows_not_even_masks() -> None:
    demand = lamp(anonymous=True)
    ticket, _ = accept(
        NO, demand, Deadlines().of(demand.appeal_type, demand.urgency, False, MORNING), "bot", MORNING
    )
    assert (ticket.name_mask, ticket.phone_mask) == ("", "")


def test_numbers_in_a_reason_are_masked() -> None:
    _, event = transition(born()[0], A.SUPPLEMENT, "caller", MORNING, "改打13911112222")
    assert event.reason == "改打139****2222"


@pytest.mark.parametrize("damage", ["empty", "gap", "no birth"])
def test_a_broken_history_is_refused(damage: str) -> None:
    _, events = walk(*WHOLE_LIFE)
    broken = {"empty": [], "gap": events[:2] + events[3:], "no birth": events[1:]}[damage]
    with pytest.raises(ValueError, match="history"):
        rebuild(broken)


@given(st.lists(st.sampled_from(A), max_size=30))
def test_any_list_of_wishes_leaves_a_history_that_rebuilds(wishes: list[TicketAction]) -> None:
    ticket, event = born()
    events = [event]
    for action in wishes:
        try:
            ticket, event = transition(ticket, action, "handler:li", MORNING, "理由", fitting(action, ticket))
        except VoicebotError:
            continue
        events.append(event)
    assert rebuild(events) == ticket
    assert decode(encode(ticket)) == ticket
    assert ticket.version == len(events)


def test_a_draft_is_accepted_by_a_person() -> None:
    demand = lamp()
    due = Deadlines().of(demand.appeal_type, demand.urgency, False, MORNING)
    ticket, event = draft(NO, demand, due, "web", MORNING)
    assert (ticket.state, event.action, event.seq) == (State.DRAFT, A.DRAFT, 1)
    later = MORNING + timedelta(hours=2)
    accepted, _ = transition(ticket, A.ACCEPT, "seat:8001", later, "", Given(due_at=LATER))
    assert (accepted.state, accepted.accepted_at, accepted.due_at) == (State.ACCEPTED, later, LATER)


def test_a_direct_answer_names_its_article_in_one_move() -> None:
    ticket, event = transition(
        born()[0],
        A.ANSWER,
        "bot",
        MORNING,
        "",
        Given(reply="工作日九点到五点", articles=(ArticleId("KB001"),)),
    )
    assert (event.before, event.after) == (State.ACCEPTED, State.CLOSED)
    assert ticket.articles == ("KB001",)
    assert ticket.replied_at == ticket.closed_at == MORNING


@pytest.mark.parametrize("code", RejectCode)
def test_a_refusal_names_the_right_channel(code: RejectCode) -> None:
    ticket, _ = transition(born()[0], A.REJECT, "seat:1", MORNING, "不属于受理范围", Given(reject_code=code))
    assert (ticket.state, ticket.reject_code) == (State.REJECTED, code)
    assert ticket.reply == GROUNDS[code].told


def test_what_was_put_right_is_in_the_history_before_and_after() -> None:
    better = Correction(
        appeal_type=AppealType.COMPLAINT,
        category="城市管理/市政设施/路灯",
        address="云江路21号",
        title="标" * 40,
    )
    ticket, event = transition(born()[0], A.CORRECT, "seat:1", MORNING, "", Given(correction=better))
    assert ticket.title == "标" * 30
    changes = {change.field: change for change in event.changes}
    assert changes["address"] == Change("address", "云江路12号", "云江路21号")
    assert changes["appeal_type"] == Change("appeal_type", "求助", "投诉")
    assert set(changes) == {"version", "appeal_type", "title", "category", "address"}
    with pytest.raises(VoicebotError, match="没有改动"):
        transition(ticket, A.CORRECT, "seat:1", MORNING, "", Given(correction=better_again(ticket)))
    with pytest.raises(VoicebotError, match="标题不能为空"):
        transition(ticket, A.CORRECT, "seat:1", MORNING, "", Given(correction=Correction(title=" ")))


def better_again(ticket: Ticket) -> Correction:
    return Correction(address=ticket.address, title=ticket.title)


def test_a_return_needs_its_ground_and_its_time() -> None:
    ticket, _ = walk(A.DISPATCH)
    limited = replace(ticket, return_due=LATER)
    legal = Given(return_ground="三定方案")
    with pytest.raises(VoicebotError, match="已过退回时限，视为接收"):
        transition(limited, A.RETURN, "handler:li", LATER, "不归我们", legal)
    returned, _ = transition(limited, A.RETURN, "handler:li", MORNING, "不归我们", legal)
    assert (returned.disputed, returned.return_ground) == (True, "三定方案")


def test_a_return_without_good_ground_goes_back_for_good() -> None:
    ticket, _ = walk(A.DISPATCH, A.RETURN, A.UPHOLD)
    assert (ticket.state, ticket.dispatches, ticket.disputed) == (State.DISPATCHED, 1, False)
    assert A.RETURN not in possible(ticket, MORNING + timedelta(hours=4))


def test_a_designated_unit_keeps_the_ticket() -> None:
    ticket, _ = walk(A.DISPATCH, A.RETURN, A.DISPATCH, A.RETURN, A.DESIGNATE)
    assert (ticket.designated, ticket.dispatches) == (True, 3)
    with pytest.raises(VoicebotError, match="指定办理的工单不能退回") as refused:
        transition(ticket, A.RETURN, "handler:li", MORNING, "不归我们", fitting(A.RETURN))
    assert refused.value.code == "ticket.illegal_move"


def test_who_leads_does_not_help_as_well() -> None:
    main, other = DepartmentName("市水务局"), DepartmentName("市公安局")
    helped, _ = transition(
        born()[0], A.ASSIGN, "dispatcher:wu", MORNING, "", Given(co_departments=(main, other))
    )
    sent, _ = transition(
        helped, A.DISPATCH, "dispatcher:wu", MORNING, "", Given(department=main, sign_due=LATER)
    )
    assert (sent.department, sent.co_departments) == (main, (other,))
    with pytest.raises(VoicebotError, match="不能同时协办"):
        transition(sent, A.ASSIGN, "dispatcher:wu", MORNING, "", Given(co_departments=(main,)))


def test_an_extension_is_asked_for_and_decided_on() -> None:
    ticket, _ = walk(A.DISPATCH, A.SIGN, A.ASK_EXTENSION)
    assert ticket.extension is not None
    assert (ticket.state, ticket.extension.reason) == (State.SIGNED, "理由")
    assert A.ASK_EXTENSION not in possible(ticket, MORNING)
    refused, _ = transition(ticket, A.REFUSE_EXTENSION, "supervisor:he", MORNING, "零件有货")
    assert (refused.extension, refused.extended, refused.due_at) == (None, False, ticket.due_at)
    granted, _ = transition(ticket, A.APPROVE_EXTENSION, "supervisor:he", MORNING)
    assert (granted.state, granted.due_at) == (State.EXTENDED, ticket.extension.until)
    assert RULES[A.APPROVE_EXTENSION].tells
    with pytest.raises(VoicebotError, match="须在到期之前申请"):
        transition(refused, A.ASK_EXTENSION, "handler:li", ticket.due_at, "等零件", Given(until=LATER))
    far = Given(until=LATER, latest=LATER - timedelta(days=1))
    with pytest.raises(VoicebotError, match="超过规定的最长时限"):
        transition(refused, A.ASK_EXTENSION, "handler:li", MORNING, "等零件", far)


def test_supervision_from_the_note_to_the_feedback() -> None:
    order = Given(level=SupervisionLevel.LISTED, note="三天内办结", due=LATER)
    ticket, _ = transition(walk(A.DISPATCH, A.SIGN)[0], A.SUPERVISE, "supervisor:he", MORNING, "", order)
    ticket, _ = transition(ticket, A.FEED_BACK, "handler:li", MORNING, "", Given(feedback="电话13911112222"))
    assert ticket.supervision is not None
    assert (ticket.supervision.note, ticket.supervision.feedback) == ("三天内办结", "电话139****2222")
    closed = replace(ticket, state=State.CLOSED)
    with pytest.raises(VoicebotError, match="督办还没有解除"):
        transition(closed, A.ARCHIVE, "clock", MORNING)
    free, _ = transition(closed, A.RELEASE, "supervisor:he", MORNING, "已经办好")
    assert transition(free, A.ARCHIVE, "clock", MORNING)[0].state is State.ARCHIVED


def test_a_new_round_keeps_the_old_one() -> None:
    ticket, _ = walk(A.DISPATCH, A.SIGN, A.REPLY, A.CLOSE, A.CALL_BACK)
    bad = Given(reached=True, solved=False, rating=1, rating_reason="没人来")
    ticket, _ = transition(ticket, A.CALLED_BACK, "bot", LATER, "", bad)
    assert (ticket.low_score, ticket.callbacks, ticket.called_back_at) == (True, 1, LATER)
    with pytest.raises(VoicebotError, match="还没有审核"):
        transition(ticket, A.ARCHIVE, "clock", LATER)
    due = LATER + timedelta(days=5)
    again, _ = transition(ticket, A.REDO, "supervisor:he", LATER, "没有解决", Given(due_at=due))
    assert (again.round, again.rating, again.low_score, again.closed_at) == (2, None, False, None)
    (old,) = again.rounds
    assert (old.number, old.reply, old.rating, old.why) == (1, "已处理", 1, "没有解决")
    assert (old.solved, old.rating_reason, old.department) == (False, "没人来", "市水务局")


def test_a_call_back_that_nobody_answered_says_nothing_else() -> None:
    ticket = standing_in(State.CALLBACK)
    missed, _ = transition(ticket, A.CALLED_BACK, "bot", MORNING, "", Given(reached=False))
    assert (missed.callbacks, missed.called_back_at, missed.state) == (1, None, State.CALLBACK)
    with pytest.raises(VoicebotError, match="没有接通"):
        transition(ticket, A.CALLED_BACK, "bot", MORNING, "", Given(reached=False, rating=5))


def test_an_objection_waits_for_its_review() -> None:
    ticket, _ = transition(standing_in(State.CLOSED), A.OBJECT, "caller", MORNING, "没修好，打13911112222")
    assert ticket.objection == "没修好，打139****2222"
    kept, _ = transition(ticket, A.KEEP, "supervisor:he", MORNING, "已到现场核实")
    assert kept.objection == ""
    with pytest.raises(VoicebotError, match="没有待审核"):
        transition(kept, A.KEEP, "supervisor:he", MORNING, "再来一次")


def test_a_better_word_later_ends_the_review_of_a_low_score() -> None:
    low, _ = transition(standing_in(State.CLOSED), A.RATE, "caller", MORNING, "", Given(rating=1))
    assert low.low_score
    assert not transition(low, A.RATE, "caller", MORNING, "", Given(rating=5))[0].low_score


def test_a_merger_can_be_undone() -> None:
    ticket, _ = walk(A.DISPATCH, A.SIGN, A.ASK_EXTENSION)
    merged, _ = transition(ticket, A.MERGE, "dispatcher:wu", MORNING, "重复", Given(merge_parent=PARENT))
    assert merged.state in FINAL
    back, _ = transition(merged, A.UNMERGE, "dispatcher:wu", MORNING, "不是一回事")
    assert back == replace(ticket, version=back.version)


def test_group_split_and_reference() -> None:
    ticket = born()[0]
    grouped, _ = transition(ticket, A.GROUP, "dispatcher:wu", MORNING, "", Given(group=PARENT))
    assert grouped.group == PARENT
    assert transition(grouped, A.UNGROUP, "dispatcher:wu", MORNING, "无关")[0].group is None
    linked, _ = transition(ticket, A.LINK, "system", MORNING, "", Given(reference=Reference("110", "J1")))
    assert linked.refs == (Reference("110", "J1"),)
    with pytest.raises(VoicebotError, match="已经有了"):
        transition(linked, A.LINK, "system", MORNING, "", Given(reference=Reference("110", "J1")))
    demand = lamp(title="井盖缺失", content="井盖缺失", phone="", caller_name="")
    due = Deadlines().of(demand.appeal_type, demand.urgency, False, MORNING)
    new = TicketNo("20261124000002")
    (part, first), (left, event) = split(ticket, new, demand, due, "dispatcher:wu", MORNING, "两件事")
    assert (part.split_from, part.phone_mask, part.name_mask) == (NO, ticket.phone_mask, ticket.name_mask)
    assert (left.split_into, event.action, first.action) == ((new,), A.SPLIT, A.ACCEPT)
    assert rebuild([first]) == part


def test_an_objection_after_the_archive_is_carried_on_by_a_new_ticket() -> None:
    archived = standing_in(State.ARCHIVED, objection="又坏了")
    left, _ = transition(archived, A.SPLIT, "supervisor:he", MORNING, "异议成立", fitting(A.SPLIT))
    assert (left.state, left.objection) == (State.ARCHIVED, "")


def test_texts_have_an_end() -> None:
    with pytest.raises(VoicebotError, match="不能超过"):
        transition(born()[0], A.SUPPLEMENT, "caller", MORNING, "长" * 10_001)
    with pytest.raises(VoicebotError, match="不能超过"):
        transition(born()[0], A.REPLY, "seat:1", MORNING, "", Given(reply="长" * 10_001))

    with pytest.raises(VoicebotError, match="不能超过"):
        accept(NO, lamp(content="长" * 10_001), Due(LATER, LATER), "web", MORNING)


def test_times_that_are_over_or_absurd_are_refused() -> None:
    ticket, _ = walk(A.DISPATCH, A.SIGN)
    year_9999 = Given(until=LATER.replace(year=9999))
    with pytest.raises(VoicebotError, match="太远"):
        transition(ticket, A.ASK_EXTENSION, "handler:li", MORNING, "等零件", year_9999)
    for action in (A.DISPATCH, A.DESIGNATE):
        past = Given(department=DepartmentName("市水务局"), sign_due=MORNING - timedelta(days=400))
        with pytest.raises(VoicebotError, match="须晚于现在"):
            transition(born()[0], action, "dispatcher:wu", MORNING, "理由", past)


def test_a_reply_may_name_an_office_number_and_holds_nothing_unstorable() -> None:
    ticket, _ = transition(
        born()[0], A.REPLY, "seat:1", MORNING, "", Given(reply="请打\x00 028-88886666 咨询")
    )
    assert ticket.reply == "请打 028-88886666 咨询"
