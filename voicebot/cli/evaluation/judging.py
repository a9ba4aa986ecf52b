"""What the shipped brain makes of a text, and what a call would say to it."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from voicebot.calls.brain import Brain
from voicebot.cli.evaluation.labels import Item
from voicebot.cli.understand import understand
from voicebot.core.utterance import Utterance
from voicebot.dialogue.effects import Action, Say
from voicebot.dialogue.engine import step
from voicebot.dialogue.events import Heard
from voicebot.dialogue.trying.rehearsal import Rehearsal

RANKED: Final = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """An item, what was heard of it, and what came of that.

    Args:
        printed: as `voicebot understand` prints it.
        departments, ranked: best first, three at most; `ranked` are articles.
        certain: an emergency that is connected without asking back.
        spoken: article whose answer is spoken at once; "" for none.
        asked: article about which the caller is asked whether it is meant; "" for none.
        same: a call understands it as `voicebot understand` does.
        ms: wall time of `Brain.comprehend`.
    """

    item: Item
    heard: str
    printed: dict[str, Any]
    departments: tuple[str, ...]
    ranked: tuple[str, ...]
    certain: bool
    spoken: str
    asked: str
    same: bool
    ms: float

    @property
    def intent(self) -> str:
        return str(self.printed["intent"])


class Judge:
    """Hears each text as the first thing said in a call of its own, at one fixed time.

    Args:
        at: wall time in the city.
    """

    def __init__(self, brain: Brain, at: datetime) -> None:
        self._brain = brain
        self._at = at
        call = Rehearsal(brain.flows, brain.comprehend, at=at)
        self._greeted = call.state
        self.expect: Final = call.expect
        """What is awaited after the greeting."""
        brain.comprehend(Utterance("您好"), self.expect, at)  # the first one loads tables

    def all(self, said: Iterable[tuple[Item, str]]) -> Iterator[Outcome]:
        """Of (item, what was heard of it)."""
        for item, heard in said:
            yield self.hear(item, heard)

    def hear(self, item: Item, heard: str) -> Outcome:
        brain, at = self._brain, self._at
        began = time.perf_counter()
        meaning, answer = brain.comprehend(Utterance(heard), self.expect, at)
        ms = (time.perf_counter() - began) * 1000
        printed = understand(brain, heard, at)
        after = step(brain.flows, self._greeted, Heard(Utterance(heard), meaning, answer, at))
        says = [effect for effect in after.effects if isinstance(effect, Say)]
        article = str(meaning.article or "")
        return Outcome(
            item,
            heard,
            printed,
            departments=tuple(str(guess.name) for guess in meaning.departments),
            ranked=tuple(str(hit.article) for hit in brain.knowledge.rank(heard, at.date(), RANKED)),
            certain=meaning.emergency_is_certain,
            spoken=next((str(s.article) for s in says if s.article and s.action is Action.ANSWER), ""),
            asked=str(after.state.doubt.article) if after.state.doubt else "",
            same=(printed["intent"], printed["article"] or "", printed["department"])
            == (meaning.intent.value, article, meaning.department),
            ms=ms,
        )
