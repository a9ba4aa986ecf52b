"""Suggestions, the automatic threshold and the rules that a dispatch obeys."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clocks import MORNING
from tests.fakes.directories import shipped, shipped_departments
from tests.fakes.lives import born
from voicebot.core.errors import VoicebotError
from voicebot.core.ids import DepartmentName
from voicebot.core.meaning import DepartmentGuess
from voicebot.tickets.directory import Directory
from voicebot.tickets.dispatch import Automatic, ForPerson, Suggestion, decide, suggest
from voicebot.tickets.given import Given
from voicebot.tickets.lifecycle import transition
from voicebot.tickets.returns import Designate, Elsewhere, Uphold, refusals, review
from voicebot.tickets.routing import Facts
from voicebot.tickets.sending import Moved, give_back, objection, send
from voicebot.tickets.ticket import Ticket, TicketAction, TicketEvent

shipped()  # is read now: a property test has no time for it
NAMES = [department.name for department in shipped_departments()]
STREET = DepartmentName("属地街道办事处")
CITY = DepartmentName("市城市管理局")
POLICE = DepartmentName("市公安局")
HEAT = DepartmentName("市热力公司")
HOUSING = DepartmentName("市住房和城乡建设局")
MARKET = DepartmentName("市市场监督管理局")
SOON = MORNING + timedelta(days=1)

guesses = st.lists(
    st.builds(DepartmentGuess, st.sampled_from(NAMES), st.floats(0.01, 0.33)),
    max_size=3,
    unique_by=lambda g: g.name,
)
texts = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["小区电梯停运三天", "楼道里堆满纸箱", "路灯不亮", "暖气不热", "广场舞音响太吵", "工地拖欠农民工工资"]
    ),
)


def guess(name: DepartmentName, score: float) -> DepartmentGuess:
    return DepartmentGuess(name, score, "相似的来电")


@given(texts, guesses, st.sets(st.sampled_from(NAMES)), st.sampled_from([None, *NAMES]))
def test_suggestions_are_few_ordered_and_honest(
    text: str, candidates: list[DepartmentGuess], refused: set[DepartmentName], first: DepartmentName | None
) -> None:
    found = suggest(Facts(text), candidates, shipped(), refused=refused, first=first)
    scores = [suggestion.score for suggestion in found]
    assert len(found) <= 3
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) < 1.001
    assert not refused.intersection(suggestion.department for suggestion in found)
    for suggestion in found:
        assert suggestion.department in shipped().units
        assert suggestion.department not in suggestion.helpers
        assert suggestion.reasons
        assert all(suggestion.reasons)


@given(texts, guesses)
def test_nothing_doubtful_is_automatic(text: str, candidates: list[DepartmentGuess]) -> None:
    found = suggest(Facts(text), candidates, shipped())
    match decide(found, shipped()):
        case Automatic(suggestion=best):
            threshold = shipped().automatic
            assert threshold is not None
            assert best == found[0]
            assert best.score >= threshold
            assert not best.person
        case ForPerson(reason=reason, suggestions=shown):
            assert reason
            assert shown == found
    assert isinstance(decide(found, shipped(), dispatched=1), ForPerson)
    assert isinstance(decide(found, shipped(), returned=True), ForPerson)
    assert isinstance(decide(found, Directory()), ForPerson)


def test_agreeing_evidence_is_automatic_and_contradicting_is_not() -> None:
    facts = Facts("小区电梯停运三天没人修")
    agreed = decide(suggest(facts, [guess(HOUSING, 0.6)], shipped()), shipped())
    assert isinstance(agreed, Automatic)
    assert agreed.suggestion.helpers == (MARKET,)
    against = decide(suggest(facts, [guess(DepartmentName("市供电公司"), 0.8)], shipped()), shipped())
    assert isinstance(against, ForPerson)
    assert "把握" in against.reason


def test_a_route_may_leave_it_to_a_person() -> None:
    found = suggest(Facts("楼下装修电钻响个没完"), [guess(HOUSING, 0.9)], shipped())
    assert isinstance(decide(found, shipped()), ForPerson)


def test_nothing_known_is_for_a_person() -> None:
    assert suggest(Facts("嗯"), (), shipped()) == ()
    assert decide((), shipped()) == ForPerson("没有找到合适的单位")


def test_an_unknown_unit_is_never_suggested() -> None:
    assert suggest(Facts("嗯"), [guess(DepartmentName("市烟草局"), 0.9)], shipped()) == ()


def test_who_took_a_shared_matter_first_leads() -> None:
    facts = Facts("小区电梯停运三天没人修")
    best = suggest(facts, (), shipped(), first=MARKET)[0]
    assert (best.department, best.helpers) == (MARKET, (HOUSING,))
    assert any("首接负责" in reason for reason in best.reasons)
    alone = suggest(Facts("路边一群流浪狗"), (), shipped(), first=POLICE)[0]
    assert alone.department == CITY  # the matter is not shared
    stranger = suggest(facts, (), shipped(), first=HEAT)[0]
    assert stranger.department == HOUSING


def test_a_unit_elsewhere_falls_behind() -> None:
    known = replace(shipped(), regions={HEAT: frozenset({"云湖区"})}, streets={"翠湖街道": "云湖区"})
    facts = Facts("家里暖气冰凉", district="柳河县")
    best = suggest(facts, [guess(HEAT, 0.6)], known)
    assert best[0].department != HEAT or best[0].score < 0.5
    assert isinstance(decide(best, known), ForPerson)
    near = suggest(replace(facts, district="云湖区"), [guess(HEAT, 0.6)], known)
    assert isinstance(decide(near, known), Automatic)


def test_a_departments_duty_is_not_suggested_to_a_street_office() -> None:
    found = suggest(Facts("小区电梯停运三天没人修"), [guess(STREET, 0.9)], shipped())
    assert found[0].department == HOUSING
    down = next(s for s in found if s.department == STREET)
    assert shipped().below_ground in down.reasons
    own = suggest(Facts("楼道里堆满纸箱杂物"), [guess(STREET, 0.3)], shipped())
    assert own[0].department == STREET


# ── the moves ──


def ticket(content: str = "小区电梯停运三天没人修", **changed: object) -> tuple[Ticket, list[TicketEvent]]:
    made, event = born()
    fields = {"title": content[:30], "content": content, "object": "", "department": None} | changed
    return replace(made, **fields), [event]  # type: ignore[arg-type]


def sent(at: Ticket, unit: DepartmentName, events: list[TicketEvent], **more: object) -> Moved:
    given_ = Given(department=unit, sign_due=SOON, **more)  # type: ignore[arg-type]
    moved = send(at, TicketAction.DISPATCH, given_, shipped(), refusals(events), "dispatcher:he", MORNING)
    events.append(moved[1])
    return moved


def returned(at: Ticket, events: list[TicketEvent], ground: str = "不属于本单位职责") -> Ticket:
    after, event = give_back(at, ground, "应由市公安局或者城管办理", shipped(), "handler:li", MORNING)
    events.append(event)
    return after


def refused(move: object) -> str:
    assert callable(move)
    with pytest.raises(VoicebotError) as caught:
        move()
    assert caught.value.code == "ticket.dispatch_refused"
    return caught.value.message


def test_the_move_refuses_to_push_duties_down() -> None:
    made, events = ticket()
    message = refused(lambda: sent(made, STREET, events))
    assert shipped().below_ground in message
    assert HOUSING in message
    after, _ = sent(made, HOUSING, events, co_departments=(STREET,))  # helping is allowed
    assert after.co_departments == (STREET,)


def test_not_even_designated() -> None:
    made, _ = ticket()
    given_ = Given(department=STREET, sign_due=SOON)
    assert refused(
        lambda: send(made, TicketAction.DESIGNATE, given_, shipped(), (), "dispatcher:he", MORNING, "指定")
    )


def test_a_street_office_gets_what_is_its_own() -> None:
    made, events = ticket("楼道里堆满纸箱杂物")
    assert sent(made, STREET, events)[0].department == STREET


def test_a_category_set_by_a_person_decides() -> None:
    made, events = ticket(category="民政/社区治理/社区服务")
    assert sent(made, STREET, events)[0].department == STREET
    other, _ = ticket("楼道里堆满纸箱杂物", category="城市管理/市政设施/路灯")
    assert objection(other, TicketAction.DISPATCH, STREET, shipped())


@given(texts)
def test_duties_of_departments_never_reach_a_street_office(text: str) -> None:
    made, events = ticket(text or "无")
    found = suggest(Facts(text), (), shipped())
    if found and found[0].department != STREET and found[0].score > 0.5:
        assert refused(lambda: sent(made, STREET, events))


def test_unknown_units_and_regions_are_refused() -> None:
    made, events = ticket("家里暖气冰凉", district="柳河县")
    assert "派单目录里没有" in refused(lambda: sent(made, DepartmentName("市烟草局"), events))
    assert "派单目录里没有" in refused(
        lambda: sent(made, HOUSING, events, co_departments=(DepartmentName("市烟草局"),))
    )
    assert "不服务柳河县" in refused(lambda: sent(made, HEAT, events))
    ordered = Given(department=HEAT, sign_due=SOON)
    after, _ = send(made, TicketAction.DESIGNATE, ordered, shipped(), (), "dispatcher:he", MORNING, "最近的")
    assert after.designated


def test_a_unit_that_returned_is_not_asked_again_unless_upheld() -> None:
    made, events = ticket()
    back = returned(sent(made, MARKET, events)[0], events)
    assert "已经退回" in refused(lambda: sent(back, MARKET, events))
    assert sent(back, HOUSING, list(events))[0].department == HOUSING
    given_ = Given(sign_due=SOON)
    upheld, event = transition(back, TicketAction.UPHOLD, "dispatcher:he", MORNING, "属于你局", given_)
    assert upheld.department == MARKET
    events.append(event)
    assert [r.upheld for r in refusals(events)] == [True]


def test_the_third_dispatch_is_a_designation() -> None:
    made, events = ticket()
    back = returned(sent(made, POLICE, events)[0], events)
    twice = returned(sent(back, MARKET, events)[0], events, "同一事项已在办理")
    assert [r.unit for r in refusals(events)] == [POLICE, MARKET]
    assert "指定办理" in refused(lambda: sent(twice, HOUSING, events))
    view = review(twice, events, shipped(), suggest(Facts(twice.content), (), shipped()))
    assert view.earlier[0].unit == POLICE
    assert view.proposal == Designate(HOUSING, "已派单2次仍无单位承办，由热线指定", view.proposal.suggestions)  # type: ignore[union-attr]


def test_a_return_against_the_route_is_proposed_to_be_turned_down() -> None:
    made, events = ticket()
    back = returned(sent(made, HOUSING, events)[0], events)
    view = review(back, events, shipped(), ())
    assert isinstance(view.proposal, Uphold)
    assert view.refusal.ground == "不属于本单位职责"
    assert "三定" in view.basis


def test_of_a_shared_matter_whoever_had_it_first_keeps_it() -> None:
    made, events = ticket()
    back = returned(sent(made, MARKET, events)[0], events)
    view = review(back, events, shipped(), ())
    assert isinstance(view.proposal, Uphold)
    assert "首接负责" in view.proposal.reason


def test_a_good_ground_goes_elsewhere() -> None:
    made, events = ticket()
    back = returned(sent(made, POLICE, events)[0], events)
    others = suggest(Facts(back.content), (), shipped(), refused={POLICE})
    view = review(back, events, shipped(), others)
    assert isinstance(view.proposal, Elsewhere)
    assert view.proposal.suggestions[0].department == HOUSING


def test_a_return_needs_a_ground_of_the_list_and_the_right_unit() -> None:
    made, events = ticket()
    at = sent(made, POLICE, events)[0]
    with pytest.raises(VoicebotError) as caught:
        give_back(at, "不想办", "忙", shipped(), "handler:li", MORNING)
    assert caught.value.code == "ticket.unknown_ground"
    assert "不属于本单位职责" in caught.value.message
    with pytest.raises(VoicebotError) as caught:
        give_back(at, "不属于本单位职责", "不归我们管", shipped(), "handler:li", MORNING)
    assert caught.value.code == "ticket.incomplete"
    after, event = give_back(at, "同一事项已在办理", "上周已受理", shipped(), "handler:li", MORNING)
    assert (after.disputed, event.reason) == (True, "上周已受理")


def test_nothing_to_review_without_a_return() -> None:
    made, events = ticket()
    with pytest.raises(VoicebotError) as caught:
        review(made, events, shipped(), ())
    assert caught.value.code == "ticket.no_dispute"


def test_a_suggestion_reads_plainly() -> None:
    shown = str(Suggestion(HOUSING, (MARKET,), 0.815, ("电梯故障：物业", "相似的来电")))
    assert shown == "市住房和城乡建设局 82%（电梯故障：物业；相似的来电，协办市市场监督管理局）"
