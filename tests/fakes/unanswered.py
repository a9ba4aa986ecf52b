"""The list of unanswered questions in memory."""

from collections.abc import Sequence
from dataclasses import replace

from voicebot.operations.unanswered import (
    WORDINGS,
    Asked,
    Standing,
    Unanswered,
    normal_form,
    unknown,
)
from voicebot.tickets.privacy import conceal


class MemoryUnanswered:
    """Implements `voicebot.operations.unanswered.UnansweredBook`."""

    def __init__(self) -> None:
        self.rows: dict[str, Unanswered] = {}

    def add(self, asked: Asked) -> None:
        text = conceal(asked.question.strip())[0]
        form = normal_form(text)
        if not form:
            return
        known = self.rows.get(form)
        words = () if known is None else known.wordings
        self.rows[form] = Unanswered(
            id=known.id if known else len(self.rows) + 1,
            question=text,
            wordings=(*(word for word in words if word != text), text)[-WORDINGS:],
            times=known.times + 1 if known else 1,
            gap=asked.gap,
            article=asked.article,
            score=asked.score,
            call_id=asked.call_id,
            first=known.first if known else asked.at,
            last=asked.at,
            standing=Standing.NEW if known is None or known.standing is Standing.MADE else known.standing,
            changed_by=known.changed_by if known else "",
        )

    async def list(
        self, standing: Standing | None, limit: int, after: tuple[int, int] | None = None
    ) -> Sequence[Unanswered]:
        rows = sorted(self.rows.values(), key=lambda one: (one.times, one.id), reverse=True)
        kept = [one for one in rows if standing is None or one.standing is standing]
        return [one for one in kept if after is None or (one.times, one.id) < after][:limit]

    async def mark(self, number: int, standing: Standing, by: str) -> Unanswered:
        for form, one in self.rows.items():
            if one.id == number:
                self.rows[form] = replace(one, standing=standing, changed_by=by)
                return self.rows[form]
        raise unknown(number)
