"""What a seat is shown of a call, as plain values: transcript, slots with evidence, fields of the ticket."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from voicebot.calls.records import CallView
from voicebot.core.meaning import AppealType, Urgency
from voicebot.operations.talk_lines import Speaker, TalkLine
from voicebot.seats.contact import Contact, Party
from voicebot.tickets.directory import Directory
from voicebot.tickets.privacy import conceal
from voicebot.tickets.ticket import TITLE_LENGTH
from voicebot.web.seat.bar import others
from voicebot.web.tickets.talk import LABELS, Part, parts

SURE: Final = 0.8
"""A sentence recognised with less may be wrong."""
_NAMES: Final = {"caller": "来电人", "bot": "热线", "person": "坐席"}
SLOTS: Final = {**LABELS, "district": "区县", "urgency": "紧急程度", "department": "单位", "matter": "诉求"}
_FIELD_OF: Final = {"place": "address", "time": "occurred", "name": "caller_name"}
_YES_NO: Final = [("yes", "是"), ("no", "否")]

Field = dict[str, Any]


def bot_lines(view: CallView | None, slots: Mapping[str, str]) -> list[dict[str, Any]]:
    """What caller and hotline said before, with the words that are slots marked; numbers masked."""
    found: list[dict[str, Any]] = []
    evidence = list(slots.items())
    for turn in view.turns if view is not None else ():
        if said := conceal(turn.said)[0]:
            cut = parts(said, evidence)
            found.append(_line(f"t{turn.index}", "caller", turn.started, cut))
        if reply := conceal(turn.heard or turn.reply)[0]:
            found.append(_line(f"r{turn.index}", "bot", turn.replied, [Part(text=reply, mark="")]))
    return found


def talk_lines(lines: Sequence[TalkLine]) -> list[dict[str, Any]]:
    """What is said with the seat."""
    shown = []
    for line in lines:
        who = "caller" if line.who is Speaker.CALLER else "person"
        words = "（这句没有转成文字）" if line.dropped else conceal(line.text)[0]
        shown.append(_line(f"p{line.index}", who, line.started, [Part(text=words, mark="")]))
    return shown


def _line(key: str, who: str, seconds: float, cut: Sequence[Part]) -> dict[str, Any]:
    at = f"{int(seconds) // 60}:{int(seconds) % 60:02}"
    return {"key": key, "who": who, "name": _NAMES[who], "at": at, "parts": list(cut)}


def slot_rows(contact: Contact, view: CallView | None) -> list[Field]:
    """(name, words, which line says so, how well it was heard)."""
    rows = []
    for name, words in contact.slots.items():
        key, sure = _evidence(words, view)
        rows.append(
            {"name": SLOTS.get(name, name), "words": conceal(words)[0], "evidence": key, "confidence": sure}
        )
    return rows


def _evidence(words: str, view: CallView | None) -> tuple[str, float | None]:
    for turn in view.turns if view is not None else ():
        if words and words in turn.said:
            return f"t{turn.index}", turn.confidence
    return "", None


def ticket_fields(
    contact: Contact, view: CallView | None, directory: Directory, department_note: str = ""
) -> list[Field]:
    """The one form of a call; each field says where its words come from."""
    districts = sorted(set(directory.streets.values()))
    fields: list[Field] = [
        _select("appeal_type", "诉求类型", [(each.value, each.value) for each in AppealType]),
        _select("urgency", "紧急程度", [(each.value, each.value) for each in Urgency]),
        _select("department", "主办单位", [("", "由派单决定"), *((one, one) for one in directory.units)]),
        {"name": "title", "label": "标题", "required": True, "wide": True, "hint": "一句话，30 字以内"},
        {"name": "content", "label": "内容", "kind": "area", "rows": 4, "required": True, "wide": True},
        {"name": "address", "label": "地点", "hint": "路名、门牌、附近标志"},
        _select("district", "区县", [("", "未定"), *((one, one) for one in districts)]),
        {"name": "occurred", "label": "发生时间"},
        {"name": "object", "label": "反映对象"},
        {"name": "caller_name", "label": "称呼"},
        {"name": "phone", "label": "联系电话", "hint": f"不填用来电号码 {contact.caller}"},
        _select("confidential", "要求保密", [("no", "否"), ("yes", "是")]),
        _select("want_reply", "要求答复", _YES_NO),
    ]
    by_field = {_FIELD_OF.get(name, name): words for name, words in contact.slots.items()}
    for field in fields:
        words = by_field.get(field["name"], "")
        key, sure = _evidence(words, view)
        if words:
            field["evidence"] = key
            field["sure"] = sure is None or sure >= SURE
            field["note"] = "热线听到" if sure is None else f"热线听到 {sure:.0%}"
        elif field["name"] == "department" and department_note:
            field["note"] = department_note
    return fields


def begun_ticket(contact: Contact, values: Mapping[str, str]) -> dict[str, str]:
    """What stands in the form before anybody types."""
    begun = {
        "appeal_type": AppealType.HELP.value,
        "urgency": Urgency.NORMAL.value,
        "title": contact.summary[:TITLE_LENGTH],
        "content": contact.summary,
        "confidential": "no",
        "want_reply": "yes",
    }
    for name, words in contact.slots.items():
        begun[_FIELD_OF.get(name, name)] = conceal(words)[0] if name != "phone" else ""
    return begun | dict(values)


def _select(name: str, label: str, options: list[tuple[str, str]]) -> Field:
    return {"name": name, "label": label, "kind": "select", "options": options}


def legs(contact: Contact | None, own: str) -> list[Field]:
    """Parties of the talk; those beside caller and seat may be sent away."""
    talk = contact.talk if contact is not None else None
    if talk is None:
        return []
    outside = {leg.id for leg in others(talk)}
    states = {"ringing": "正在呼叫", "talking": "在通话", "held": "保持中"}
    names = {Party.MONITOR: "监听", Party.WHISPER: "耳语", Party.BARGE: "强插"}
    words = "在听音乐" if talk.held else "在通话"
    state = "held" if talk.held else "talking"
    found: list[Field] = [{"id": "", "name": "来电人", "state": state, "words": words}]
    for leg in talk.legs:
        word = states.get(leg.state, leg.state)
        name = "我" if leg.name == own else leg.name
        if leg.party in names:
            word = names[leg.party]
        found.append(
            {"id": leg.id, "name": name, "state": leg.state, "words": word, "drop": leg.id in outside}
        )
    return found


def waited(contact: Contact, now: datetime) -> float:
    """Seconds from the queue to an answer, or until now."""
    return ((contact.taken_at or now) - contact.since).total_seconds()
