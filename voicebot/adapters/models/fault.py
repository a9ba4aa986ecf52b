"""What is wrong with a model on disk."""

from collections.abc import Sequence
from dataclasses import dataclass

from voicebot.core.errors import VoicebotError


@dataclass(frozen=True, slots=True)
class Fault:
    """`path` names the file, `message` what is wrong, `remedy` what to do (both Chinese)."""

    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}：{self.message}。处理办法：{self.remedy}"


def damaged(faults: Sequence[Fault]) -> VoicebotError:
    """The error that carries all the faults of a model."""
    return VoicebotError("model.damaged", "\n".join(str(f) for f in faults))
