"""What helps a seat, with its evidence."""

from datetime import date, datetime
from typing import Final

from tests.fakes.clocks import MORNING
from voicebot.core.answer import Answer, NoAnswer
from voicebot.core.ids import ArticleId, DepartmentName
from voicebot.core.meaning import AppealType, DepartmentGuess, Intent, Meaning, Mood, Slot, Urgency
from voicebot.core.utterance import Expect, Utterance
from voicebot.operations.seat_help import TO_BOT, SeatHelp, Sentence, seat_help

LAMP: Final = Meaning(
    Intent.TICKET,
    0.9,
    appeal_type=AppealType.COMPLAINT,
    urgency=Urgency.URGENT,
    departments=(DepartmentGuess(DepartmentName("市城市管理局"), 0.8),),
    slots={"address": Slot("幸福路3号", "幸福路3号", 0, 0.9), "object": Slot("路灯", "路灯", 5, 0.9)},
)
CARD: Final = Answer(
    ArticleId("KB001"), "社保卡挂失补办", "带身份证去补。", source="人社局", as_of=date(2026, 5, 1), score=0.8
)
KNOWN: Final[dict[str, tuple[Meaning, Answer | NoAnswer]]] = {
    "幸福路3号的路灯坏了没人管": (LAMP, NoAnswer()),
    "不对是幸福路5号": (
        Meaning(Intent.UNCLEAR, 0.4, slots={"address": Slot("幸福路5号", "幸福路5号", 3, 0.9)}),
        NoAnswer(),
    ),
    "社保卡丢了怎么补": (Meaning(Intent.FAQ, 0.9, article=CARD.article), CARD),
    "你们太不像话了": (Meaning(Intent.UNCLEAR, 0.5, mood=Mood.ANGRY), NoAnswer()),
    "家里着火了": (Meaning(Intent.EMERGENCY_119, 0.95, emergency_is_certain=True), NoAnswer()),
}


def comprehend(said: Utterance, expect: Expect, at: datetime) -> tuple[Meaning, Answer | NoAnswer]:
    return KNOWN.get(said.text, (Meaning(Intent.UNCLEAR, 0.2), NoAnswer()))


def helped(*texts: str, answered: tuple[str, ...] = (), known: dict[str, str] | None = None) -> SeatHelp:
    said = [Sentence(index, text, 0.9) for index, text in enumerate(texts)]
    return seat_help(said, comprehend, MORNING, answered=answered, known=known)


def field(found: SeatHelp, name: str) -> tuple[str, str, int]:
    one = next(each for each in found.fields if each.name == name)
    return one.value, one.span, one.index


def test_nothing_said_helps_nobody() -> None:
    assert helped() == SeatHelp()
    assert helped("嗯", "好") == SeatHelp()


def test_fields_carry_their_evidence() -> None:
    found = helped("幸福路3号的路灯坏了没人管")
    assert field(found, "address") == ("幸福路3号", "幸福路3号", 0)
    assert field(found, "appeal_type")[0] == "投诉"
    assert field(found, "urgency")[0] == "紧急"
    assert "路灯坏了" in field(found, "title")[0]
    assert all(0.0 < one.confidence < 1.0 for one in found.fields)
    assert (found.department, found.department_score) == ("市城市管理局", 0.8)
    assert [step.words for step in found.steps] == ["问时间", "问电话"]
    assert found.summary.startswith("来电人反映：")
    assert "地点幸福路3号" in found.summary


def test_later_words_win_and_what_the_bot_knew_stays() -> None:
    bot = {"phone": "13800138000", "time": "昨天晚上", "emergency": ""}
    found = helped("幸福路3号的路灯坏了没人管", "不对是幸福路5号", known=bot)
    assert field(found, "address") == ("幸福路5号", "幸福路5号", 1)
    assert field(found, "phone") == ("13800138000", "", TO_BOT)
    assert [step.words for step in found.steps] == ["立单"]


def test_an_answer_with_source_and_date() -> None:
    found = helped("社保卡丢了怎么补", answered=("好", "您带身份证去社保网点就能补"))
    (hit,) = found.hits
    assert (hit.article, hit.index) == ("KB001", 0)
    (step,) = found.steps
    assert (step.kind, step.text, step.why) == ("say", "带身份证去补。", "人社局（2026-05-01 核对）")
    assert found.summary == "来电人咨询：社保卡挂失补办。话务员：您带身份证去社保网点就能补。"


def test_danger_comes_first_then_anger() -> None:
    found = helped("社保卡丢了怎么补", "家里着火了", "你们太不像话了，我要去上访", "你们太不像话了")
    assert found.emergency == "119"
    assert found.mood == "angry"
    assert found.risks == ("上访",)
    assert [step.words for step in found.steps][:2] == ["三方接入119", "先安抚"]


def test_anger_passes_and_age_is_noticed() -> None:
    calm = ("好的那就这样", "我七十多岁了", "谢谢你们啊")
    found = helped("你们太不像话了", *calm)
    assert found.mood == ""
    assert found.elder
