"""What Whisper makes up when nobody speaks, and how it is told from speech."""

import re
from dataclasses import dataclass
from typing import Final

from voicebot.adapters.stt.engine import NOTHING, Decoded

NO_SPEECH: Final = 0.6
"""Above this the model itself believes nobody spoke; it counts only with `DOUBTFUL`."""
DOUBTFUL: Final = -1.0
"""Mean log probability of a token; both limits are Whisper's own (Radford et al., section 4.5)."""
HOPELESS: Final = -1.7
FASTEST: Final = 11.0
"""Characters a second; quick Mandarin has 7."""

HALF: Final = "\ufffd"
"""Half a character: tokens are bytes. After a long text it was cut off; near its start it is noise."""
FEW: Final = 4

_SUBTITLES: Final = re.compile(
    "字幕|点赞|點贊|转发.{0,4}打赏|谢谢观看|谢谢收看|感谢观看|感谢收看|Amara|独播剧场|明镜与点点|下期再见|敬请期待|请不吝|简体中文"
)
"""Closing lines of the videos it was trained on, and what its prompt asks of it; no caller says them
to a hotline."""
_PUNCTUATION: Final = re.compile(r"[\s，。！？、；：,.!?;:…·\"'“”‘’（）()\-—~～♪]+")
_REPEAT: Final = re.compile(r"(.{2,12}?)\1{3,}")
_AGAIN: Final = re.compile(r"(.)\1{2,}|(.{2,8}?)\2+(.{0,7})")
_STUTTER: Final = re.compile(r"([^\d零〇一二两三四五六七八九幺])\1{4,}")


@dataclass(frozen=True, slots=True)
class Raw:
    """One hypothesis: `score` is the mean log probability of its tokens."""

    text: str
    score: float
    no_speech: float

    @property
    def made_up(self) -> bool:
        """The model itself does not believe in it."""
        return (self.no_speech > NO_SPEECH and self.score < DOUBTFUL) or self.score < HOPELESS


def bare(text: str) -> str:
    """`text` without punctuation and spaces."""
    return _PUNCTUATION.sub("", text)


def repeated(text: str) -> str:
    """What `text` says again and again, as the model does after a short answer; else `text`.

    >>> repeated("不对不对不对")
    '不对'
    """
    found = _AGAIN.fullmatch(text)
    if not found:
        return text
    one, more, rest = found.groups(default="")
    return one or (more if more.startswith(rest) else text)


def judge(raw: Raw, seconds: float, prompt: str) -> Decoded:
    """The hypothesis as a result, or `NOTHING` when it is made up.

    Args:
        seconds: of speech that was decoded.
        prompt: what the model was primed with; on noise it likes to say it back.
    """
    words = bare(raw.text)
    if not words or raw.made_up or HALF in words[:FEW]:
        return NOTHING
    if raw.no_speech > NO_SPEECH and repeated(words) != words:  # a loop is always sure of itself
        return NOTHING
    if _SUBTITLES.search(words) or echoes(words, bare(prompt)):
        return NOTHING
    text = _STUTTER.sub(r"\1", raw.text.replace(HALF, "").strip())
    if (repeat := _REPEAT.search(bare(text))) and not repeat.group(1).isdigit():
        return NOTHING
    if len(bare(text)) > 4 + FASTEST * seconds:
        return NOTHING
    return Decoded(text, min(1.0, max(0.0, 2.718281828**raw.score)))


def echoes(text: str, prompt: str) -> bool:
    """Most of `text` is one stretch of `prompt` (both without punctuation).

    Nine characters: a caller may well say two of the prompt's words, hardly four in its order.
    """
    need = max(9, (len(text) * 3 + 4) // 5)
    return any(text[i : i + need] in prompt for i in range(len(text) - need + 1))
