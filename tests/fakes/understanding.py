"""An `Understander` that knows only what a test tells it; calls are tested apart from lexicons."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from voicebot.core.answer import ArticleHit
from voicebot.core.ids import ArticleId, DepartmentName, LanguageTag
from voicebot.core.meaning import AppealType, Command, DepartmentGuess, Intent, Meaning, Slot
from voicebot.core.utterance import Expect, ExpectKind, TextVerdict

LIGHTS = DepartmentGuess(DepartmentName("市城市管理局"), 0.9)

KNOWN: Mapping[str, Meaning] = {
    "社保卡丢了怎么补办": Meaning(
        Intent.FAQ, 0.95, article=ArticleId("KB001"), appeal_type=AppealType.CONSULT
    ),
    "幸福路3号路灯坏了昨天晚上开始不亮": Meaning(
        Intent.TICKET,
        0.95,
        appeal_type=AppealType.HELP,
        departments=(LIGHTS,),
        slots={
            "address": Slot("幸福路3号", "幸福路3号", 0, 0.9),
            "object": Slot("路灯", "路灯", 5, 0.9),
            "time": Slot("2026-11-23T19:00", "昨天晚上", 9, 0.9),
        },
    ),
    "转人工": Meaning(Intent.HUMAN, 0.99),
    "着火了救命": Meaning(Intent.EMERGENCY_119, 0.99, emergency_is_certain=True),
    "对": Meaning(Intent.CHITCHAT, 0.9, yes=True),
    "没有了": Meaning(Intent.CHITCHAT, 0.9, yes=False),
    "再见": Meaning(Intent.CHITCHAT, 0.9, command=Command.GOODBYE),
    "嗯": Meaning(Intent.CHITCHAT, 0.6),
    "说慢一点": Meaning(Intent.CHITCHAT, 0.9, command=Command.SLOWER),
    "正常语速": Meaning(Intent.CHITCHAT, 0.9, command=Command.FASTER),
    "English": Meaning(Intent.UNCLEAR, 0.5, language=LanguageTag("en")),
}


class FakeUnderstander:
    """Unknown words are `UNCLEAR`; 嗯 and what ends in 那个 is incomplete."""

    def understand(
        self,
        text: str,
        *,
        hits: Sequence[ArticleHit] = (),
        expect: Expect | None = None,
        now: datetime | None = None,
        trust: float = 1.0,
    ) -> Meaning:
        return KNOWN.get(text, Meaning(Intent.UNCLEAR, 0.3))

    def verdict(self, text: str, expect: Expect, saying: str = "") -> TextVerdict:
        closed = (
            expect.kind is ExpectKind.YES_NO and KNOWN.get(text, Meaning(Intent.UNCLEAR, 0)).yes is not None
        )
        complete = 1.0 if closed or (text in KNOWN and text != "嗯") else 0.1
        echo = 1.0 if text and text in saying else 0.0
        return TextVerdict(complete, expect.kind, echo)
