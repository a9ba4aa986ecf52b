"""What the board asks before it does something."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from voicebot.seats.contact import Contact
from voicebot.seats.seat import Seat
from voicebot.web.shell.widgets import Choice, Dialog, box, button, text

LEVELS: Final = [("0", "没有"), ("1", "1 级"), ("2", "2 级"), ("3", "3 级"), ("4", "4 级"), ("5", "5 级")]


def ask_queue(contact: Contact, queues: Sequence[str], move: Callable[[str], Awaitable[None]]) -> None:
    """Where a call goes; its waiting time is kept."""
    dialog = Dialog(f"{contact.caller or '来电'} 换到哪个队列")
    with dialog.body:
        text(f"现在在「{contact.queue}」，等的时间照算。", "note", "p")
        with box("buttons"):
            for queue in queues:
                if queue != contact.queue:
                    button(queue, lambda queue=queue: dialog.close_and(move(queue)))
    dialog.open()


def ask_skills(
    seat: Seat, queues: Sequence[str], change: Callable[[Mapping[str, int]], Awaitable[None]]
) -> None:
    """Levels of a seat's skills; those of the queues and those it has."""
    wanted = dict(seat.skills)
    dialog = Dialog(f"{seat.id} 号的技能")

    async def nothing() -> None:
        """A choice is read when it is saved."""

    with dialog.body:
        text("0 级表示不接这一类；改了马上生效，正在进行的通话不受影响。", "note", "p")
        choices: dict[str, Choice] = {}
        with box("skills-form"):
            for name in sorted({*queues, *wanted}):
                with box("", "label"):
                    text(name)
                    now = str(wanted.get(name, 0))
                    ordered = sorted(LEVELS, key=lambda level: level[0] != now)
                    choices[name] = Choice(f"{name}的等级", ordered, nothing)
        with box("buttons"):

            async def save() -> None:
                found = {name: int(each.value) for name, each in choices.items()}
                await dialog.close_and(change({name: level for name, level in found.items() if level > 0}))

            button("保存", save, "primary")
            button("取消", dialog.close)
    dialog.open()


def sure_off(seat: Seat, off: Callable[[], Awaitable[Any]]) -> None:
    """A seat in a call is signed out after it."""
    dialog = Dialog(f"签出 {seat.id} 号？")
    with dialog.body:
        text("正在通话的，通话和话后整理结束以后才签出。", "note", "p")
        with box("buttons"):
            button("签出", lambda: dialog.close_and(off()), "primary")
            button("取消", dialog.close)
    dialog.open()
