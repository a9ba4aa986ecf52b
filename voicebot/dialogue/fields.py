"""What the values in a flow file may look like.

Every scalar reaches us as text (`core.marked_yaml`), while an editor that checks by the JSON Schema sees
the numbers and booleans of YAML. So wherever we take a text the schema takes a number or a boolean too
(`key: 1` is the text 1), and where we take a number or a boolean it takes that or its text: each type below
states both.
"""

import re
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from voicebot.core.ids import LanguageTag

TEXT_SCHEMA: Final = {"type": ["string", "number", "boolean"]}
TEXTS_SCHEMA: Final = {"anyOf": [TEXT_SCHEMA, {"type": "array", "items": TEXT_SCHEMA}]}

_TRUE: Final = ("true", "True", "TRUE", "yes")
_FALSE: Final = ("false", "False", "FALSE", "no")
_WHOLE: Final = re.compile(r"0|[1-9][0-9]*")
_SECONDS: Final = re.compile(r"^(?:10(?:\.0+)?|[0-9](?:\.[0-9]+)?)$")
MOST_TRIES: Final = 5
MOST_KEYS: Final = 20


def _listed(value: object) -> object:
    """One word may be written without the list it stands in."""
    return [value] if isinstance(value, str) else value


def _flag(value: object) -> object:
    if isinstance(value, str):
        if value not in (*_TRUE, *_FALSE):
            raise PydanticCustomError("bool_parsing", "应为 true 或 false")
        return value in _TRUE
    return value


def _whole(value: object) -> object:
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise PydanticCustomError("int_parsing", "应为整数")
    return value


def _seconds(value: object) -> object:
    if isinstance(value, str) and not _SECONDS.search(value):
        raise PydanticCustomError("float_parsing", "应为0到10之间的秒数")
    return value


def _counts(least: int, most: int) -> WithJsonSchema:
    numbers = range(least, most + 1)
    return WithJsonSchema({"enum": [*numbers, *(str(number) for number in numbers)]})


Words = Annotated[tuple[str, ...], BeforeValidator(_listed), WithJsonSchema(TEXTS_SCHEMA)]
Tags = Annotated[tuple[LanguageTag, ...], BeforeValidator(_listed), WithJsonSchema(TEXTS_SCHEMA)]
Flag = Annotated[
    bool, BeforeValidator(_flag), WithJsonSchema({"enum": [True, False, *_TRUE, *_FALSE]}, mode="validation")
]
Tries = Annotated[int, BeforeValidator(_whole), Field(ge=1, le=MOST_TRIES), _counts(1, MOST_TRIES)]
Keys = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=MOST_KEYS), _counts(0, MOST_KEYS)]
Seconds = Annotated[
    float,
    BeforeValidator(_seconds),
    Field(ge=0.0, le=10.0),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0, "maximum": 10},
                {"type": "string", "pattern": _SECONDS.pattern},
            ]
        }
    ),
]


class Anywhere(StrEnum):
    """What a caller may say at any step; a step names those it does not listen to in `ignores`."""

    REPEAT = "repeat"
    BACK = "back"
    SLOWER = "slower"
    FASTER = "faster"
    LOUDER = "louder"
    WAIT = "wait"
    HELP = "help"
    MORE = "more"
    LANGUAGE = "language"
    HUMAN = "human"
    EMERGENCY = "emergency"


class Strict(BaseModel):
    """Unknown keys are mistakes; values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
