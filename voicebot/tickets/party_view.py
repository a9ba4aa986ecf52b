"""What may go to the party complained about: made for it, never cut out of the caller's ticket.

Names and contacts of callers reached those they had complained about by screenshots of tickets
(domain.md §11). So this text is put together from fields that say what is the matter and where, and
then everything of the caller that is known is taken out of the whole of it. It holds no ticket number:
with one, anybody could ask the hotline how the matter stands.
"""

from typing import Final

from voicebot.core.meaning import AppealType
from voicebot.tickets.scrub import scrub, street, street_of_home
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


def _line(label: str, value: str) -> str:
    return f"{label}：{value}" if value else ""
