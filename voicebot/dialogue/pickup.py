"""Who picked up: a person says a word or two and waits, a machine goes on."""

import re
from typing import Final

from voicebot.dialogue.events import Heard

MACHINE: Final = "machine"
"""Value of the slot `result`, and why the call ends: whoever is no person learns nothing."""

LONGEST_HELLO: Final = 5.0
"""Seconds of speech without a pause that nobody says who has just picked up."""

_WORDS: Final = re.compile(
    r"(?:嘀|滴|哔|提示音|嘟)[声的一]*(?:之?后|响)|留言|语音信箱|来电(?:助手|秘书|提醒)|智能(?:助理|接听|代接|秘书)"
    r"|(?:您|你)?(?:所)?(?:拨打|呼叫)的(?:用户|号码|电话|机主)|(?:暂时|现在)?(?:无法|不能|不便|不方便)(?:接通|接听(?:您|你)的)"
    r"|(?:请|稍)?(?:稍后|稍候)再拨|正在通话中|已(?:经)?(?:关机|停机)|不在服务区|是空号|帮(?:您|你)转达|代(?:为|他|她)?接听"
)


def is_machine(event: Heard) -> bool:
    """The first words of a call that we made come from an answering machine, an assistant or the network.

    Someone in danger is never one, however long they talk.
    """
    if event.meaning.intent.emergency_number is not None:
        return False
    said = event.utterance
    return said.ended - said.started >= LONGEST_HELLO or _WORDS.search(said.text) is not None
