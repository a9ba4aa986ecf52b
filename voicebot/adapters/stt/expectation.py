"""What the dialogue expects, as it crosses the process boundary."""

from typing import Any

from voicebot.core.ids import MANDARIN, LanguageTag
from voicebot.core.utterance import Expect, ExpectKind


def to_wire(expect: Expect) -> dict[str, Any]:
    """The members recognition uses; patience and the like stay with `turns`."""
    return {
        "kind": expect.kind.value,
        "choices": list(expect.choices),
        "digits": expect.digits,
        "language": expect.language,
    }


def from_wire(data: dict[str, Any]) -> Expect:
    """The reverse; absent members have their defaults.

    Raises:
        ValueError, TypeError: not what `to_wire` makes.
    """
    return Expect(
        kind=ExpectKind(data.get("kind", ExpectKind.OPEN)),
        choices=tuple(str(c) for c in data.get("choices", ())),
        digits=int(data.get("digits", 0)),
        language=LanguageTag(str(data.get("language", MANDARIN))),
    )
