"""What is spoken at one place, in the languages and manners it may be needed in."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ConfigDict, GetJsonSchemaHandler, RootModel, model_validator
from pydantic_core import CoreSchema

from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.dialogue.fields import TEXT_SCHEMA, TEXTS_SCHEMA
from voicebot.dialogue.manner import Manner

PLAIN: Final = "patient"
"""Key of the shorter Mandarin wording, for callers who need time (`Manner.PATIENT`)."""


class Prompt(RootModel[Mapping[str, tuple[str, ...]]]):
    """Sentences by language; the n-th time says the n-th, then from the second again.

    Written as one sentence, as a list of them (both Mandarin), or as a mapping with language tags and
    `PLAIN` as keys: ``{zh: 请问在什么地方？, patient: 在哪里？, en: Where is it?}``.
    """

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _written(cls, value: object) -> object:
        if isinstance(value, str | list | tuple):
            return {MANDARIN: _lines(value)}
        if isinstance(value, dict):
            return {key: _lines(lines) for key, lines in value.items()}
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        by_language = {"type": "object", "additionalProperties": TEXTS_SCHEMA}
        return {"anyOf": [TEXT_SCHEMA, {"type": "array", "items": TEXT_SCHEMA}, by_language]}

    @property
    def wordings(self) -> Mapping[str, tuple[str, ...]]:
        """Language tag, or `PLAIN` → sentences."""
        return self.root

    @property
    def lines(self) -> tuple[str, ...]:
        """The ordinary Mandarin wording; the first one there is where that is missing."""
        return self.root.get(MANDARIN) or next(iter(self.root.values()), ())

    def spoken(self, language: LanguageTag, manner: Manner) -> tuple[str, ...]:
        """The sentences for a call in `language`; the checker sees to it that there are some."""
        if language != MANDARIN:
            return self.root.get(language) or self.lines
        plain = self.root.get(PLAIN) if manner is Manner.PATIENT else None
        return plain or self.lines

    def all_lines(self) -> Iterator[tuple[str, int, str]]:
        """(key, number, sentence) of every wording."""
        for key, lines in self.root.items():
            yield from ((key, number, text) for number, text in enumerate(lines))


def _lines(value: object) -> object:
    return (value,) if isinstance(value, str) else value
