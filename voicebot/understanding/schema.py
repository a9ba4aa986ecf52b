"""Shapes of the lexicon files, as their authors write them (see the comments in the files)."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from voicebot.core.meaning import AppealType, Urgency

Words = str
"""A list of words in the little language of `patterns`, separated by white space."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CommonFile(_Strict):
    words: Words


class CueLevels(_Strict):
    certain: Words
    strong: Words
    weak: Words
    suicide: Words = ""


class EmergencyFile(_Strict):
    numbers: dict[Literal["110", "119", "120", "122"], CueLevels]
    urgent: Words
    negations: Words
    negation_exceptions: Words
    past: Words
    past_overridden: Words
    past_overridden_exceptions: Words
    hypothesis: Words
    hypothesis_exceptions: Words
    rules: Words
    look_alikes: Words
    unreal: Words
    recurring: Words
    hyperbole: Words
    complaint: Words


ClassName = Literal[
    "faq", "ticket", "human", "ticket_status", "rating", "chitchat", "out_of_scope", "unclear"
]
Weights = dict[ClassName, float]


class Cue(_Strict):
    name: str = Field(min_length=1)
    words: Words
    weigh: Weights
    whole: bool = False
    not_in: str = ""


class AppealWords(_Strict):
    appeal: AppealType
    words: Words


class UrgencyWords(_Strict):
    urgency: Urgency
    words: Words


class IntentFile(_Strict):
    base: Weights
    temperature: float = Field(gt=0)
    cues: list[Cue]
    features: dict[str, Weights]
    troubles: list[AppealWords]
    appeals: list[AppealWords]
    urgency: list[UrgencyWords]
    conduct: Words
    joints: Words


class Topic(_Strict):
    id: str = Field(min_length=1)
    to: str = Field(min_length=1)
    appeal: AppealType = AppealType.HELP
    urgency: Urgency = Urgency.NORMAL
    things: Words = ""
    words: Words = ""
    trouble: Words = ""
    ask: Words = ""


class TopicFile(_Strict):
    topics: list[Topic]


class MoodWords(_Strict):
    angry: Words
    distressed: Words


class CommandWords(_Strict):
    repeat: Words
    slower: Words
    faster: Words
    louder: Words
    wait: Words
    back: Words
    help: Words
    more: Words
    goodbye: Words
    thanks: Words
    greeting: Words
    correct: Words
    skip: Words


class ReplyFile(_Strict):
    no: Words
    yes: Words
    yes_despite_no: Words
    commands: CommandWords
    mood: MoodWords
    ordinals: Words
    fillers: Words
    trailing: Words
    backchannel: Words


class LanguageFile(_Strict):
    languages: dict[str, Words]
    carriers: Words
    english: Words
    courtesies: Words


class Flags(_Strict):
    confidential: Words
    anonymous: Words
    no_callback: Words


class Requests(_Strict):
    withdraw: Words
    objection: Words
    supplement: Words
    urge: Words
    status: Words


class PlaceWords(_Strict):
    """How names of places are written that the gazetteer lacks; see the comments in details.yaml."""

    road: Words = ""
    community: Words = ""
    poi: Words = ""
    area: Words = ""
    weak: Words = ""
    name_characters: Words = ""
    name_words: Words = ""
    never: Words = ""
    words: Words = ""
    facilities: Words = ""


class DetailFile(_Strict):
    flags: Flags
    flag_denials: Words
    requests: Requests
    scores: dict[Literal["1", "2", "3", "4", "5"], Words]
    places: PlaceWords = Field(default_factory=PlaceWords)


class District(_Strict):
    name: str = Field(min_length=2)
    also: Words = ""
    streets: Words = ""
    communities: Words = ""
    roads: Words = ""
    places: Words = ""


class GazetteerFile(_Strict):
    city: str = Field(min_length=2)
    districts: list[District]
    roads: Words = ""
    lines: Words = ""
    places: Words = ""
