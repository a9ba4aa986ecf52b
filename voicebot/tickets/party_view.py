"""What may go to the party complained about: made for it, never cut out of the caller's ticket.

Names and contacts of callers reached those they had complained about by screenshots of tickets
(domain.md §11). So this text is put together from fields that say what is the matter and where, and
then everything of the caller that is known is taken out of the whole of it. It holds no ticket number:
with one, anybody could ask the hotline how the matter stands.
"""

from typing import Final

from voicebot.core.meaning import AppealType
from voicebot.tickets.scrub import scrub, street
from voicebot.tickets.ticket import Contact, Ticket
from voicebot.tickets.visibility import is_secret

HEAD: Final = "关于群众反映事项的告知"
_WANTED: Final = {
    AppealType.CONSULT: "请就有关问题作出说明",
    AppealType.HELP: "请协助解决",
    AppealType.COMPLAINT: "请核实情况，依法依规处理",
    AppealType.REPORT: "请配合核查，依法依规处理",
    AppealType.SUGGESTION: "请研究并反馈意见",
    AppealType.PRAISE: "请知悉",
}
_CARE: Final = "本告知不涉及反映人信息；请勿打听、查找、联系或者打击报复反映人。"


def party_view(ticket: Ticket, contact: Contact, hidden: tuple[str, ...] = ()) -> str:
    """A notice in plain lines that holds nothing of the caller.

    Of 举报, 保密 and 匿名 it has no word of the caller's: kind of matter, object, street and time alone.
    Of others the third-person note of the demand as well.

    Args:
        contact: who must not be in it. `hidden`: numbers taken out of the ticket's texts before.
    """
    secret = is_secret(ticket)
    place = street(ticket.address) if secret else ticket.address
    matter = ticket.category.rsplit("/", 1)[-1] or "见下"
    lines = [
        HEAD,
        f"事项类别：{matter}",
        _line("被反映对象", street(ticket.object) if secret else ticket.object),
        _line("地点", place if place.startswith(ticket.district) else f"{ticket.district}{place}"),
        _line("时间", ticket.occurred),
        "" if secret else _line("反映内容", street_of_home(ticket.content)),
        f"要求：{_WANTED[ticket.appeal_type]}",
        _CARE,
    ]
    text = "\n".join(line for line in lines if line)
    return scrub(text, (contact.name,), (contact.phone, contact.caller, *hidden))


_HOME: Final = ("我家", "家住", "我住", "住在", "本人住", "自己家", "其家", "诉求人住", "来电人住", "业主")


def street_of_home(content: str) -> str:
    """The note without the door of a sentence that tells where the caller lives.

    >>> street_of_home("诉求人住在幸福路8号3单元501，楼下烧烤摊很吵。烧烤摊在幸福路10号")
    '诉求人住在幸福路，楼下烧烤摊很吵。烧烤摊在幸福路10号'
    """
    parts: list[str] = []
    for clause in _clauses(content):
        mark = clause[-1] if clause[-1] in _MARKS else ""
        body = clause.removesuffix(mark)
        parts.append((street(body) if any(word in body for word in _HOME) else body) + mark)
    return "".join(parts)


_MARKS: Final = "，。；！？,;!?\n"


def _clauses(text: str) -> list[str]:
    clauses, start = [], 0
    for at, char in enumerate(text):
        if char in _MARKS:
            clauses.append(text[start : at + 1])
            start = at + 1
    return [*clauses, text[start:]] if start < len(text) else clauses


def _line(label: str, value: str) -> str:
    return f"{label}：{value}" if value else ""
