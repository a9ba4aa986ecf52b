"""What is spoken at one place, in the languages and manners it may be needed in."""

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, model_validator

from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.dialogue.manner import Manner

PLAIN: Final = "patient"
"""Key of the shorter Mandarin wording, for callers who need time (`Manner.PATIENT`)."""


class Prompt(BaseModel):
    """Sentences by language; the n-th time says the n-th, then from the second again.

    Written as one sentence, as a list of them (both Mandarin), or as a mapping with language tags and
    `PLAIN` as keys: ``{zh: 请问在什么地方？, patient: 在哪里？, en: Where is it?}``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    wordings: Mapping[str, tuple[str, ...]]

    @model_validator(mode="before")
    @classmethod
    def _written(cls, value: object) -> object:
        if isinstance(value, str | list | tuple):
            return {"wordings": {MANDARIN: _lines(value)}}
        if isinstance(value, dict) and "wordings" not in value:
            return {"wordings": {key: _lines(lines) for key, lines in value.items()}}
        return value

    @property
    def lines(self) -> tuple[str, ...]:
        """The ordinary Mandarin wording; the first one there is where that is missing."""
        return self.wordings.get(MANDARIN) or next(iter(self.wordings.values()), ())

    def spoken(self, language: LanguageTag, manner: Manner) -> tuple[str, ...]:
        """The sentences for a call in `language`; the checker sees to it that there are some."""
        if language != MANDARIN:
            return self.wordings.get(language) or self.lines
        plain = self.wordings.get(PLAIN) if manner is Manner.PATIENT else None
        return plain or self.lines

    def all_lines(self) -> Iterator[tuple[str, int, str]]:
        """(key, number, sentence) of every wording."""
        for key, lines in self.wordings.items():
            yield from ((key, number, text) for number, text in enumerate(lines))


def _lines(value: object) -> object:
    return (value,) if isinstance(value, str) else value
