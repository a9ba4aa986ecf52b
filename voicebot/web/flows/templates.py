"""What a new flow may begin as; every one passes the checker as it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Template:
    """Args: words: what it is for; content: ``$name`` and ``$title`` are filled in."""

    words: str
    content: str


_NOTICE: Final = """\
# $title：播报一段话，然后问还有没有别的事。
flow: $name
title: $title
start: notice

steps:
  notice:
    kind: say
    action: answer
    prompt: 这里写要告诉来电人的话。
    next: done

  done:
    kind: end
    then: home
"""

_ASK: Final = """\
# $title：问清楚一件事，核对，登记工单。
flow: $name
title: $title
start: where

slots:
  address: 地点

steps:
  where:
    kind: ask
    slot: address
    expect: address
    prompt: 请问在什么地方？
    next: check

  check:
    kind: ask
    expect: yes_no
    prompt: 跟您核对一下，{recap}。对吗？
    corrects: [address]
    yes: file
    no: where_again

  where_again:
    kind: ask
    slot: address
    expect: address
    again: true
    prompt: 请再说一遍地点。
    next: check

  file:
    kind: ticket
    do: create
    prompt: 好的，正在登记。
    done: filed
    appended: filed
    failed: person

  filed:
    kind: say
    action: ticket_created
    prompt: 已经登记，工单号{ticket_no}，{due}前答复您。
    next: done

  person:
    kind: call
    flow: human
    next: done

  done:
    kind: end
    then: home
"""

_MENU: Final = """\
# $title：按键选一项，每项说一段话。
flow: $name
title: $title
start: choose

steps:
  choose:
    kind: menu
    prompt: 办理时间请按1，办理地点请按2，人工请按0。
    choices:
      - {label: 办理时间, key: "1", next: hours}
      - {label: 办理地点, key: "2", next: place}

  hours:
    kind: say
    action: answer
    prompt: 这里写办理时间。
    next: done

  place:
    kind: say
    action: answer
    prompt: 这里写办理地点。
    next: done

  done:
    kind: end
    then: home
"""

TEMPLATES: Final[Mapping[str, Template]] = {
    "ask": Template("问一件事，登记工单", _ASK),
    "notice": Template("播报一段话", _NOTICE),
    "menu": Template("按键选一项", _MENU),
}


def filled(key: str, name: str, title: str) -> str:
    """The text of a new flow; the title is one line of plain words."""
    plain = " ".join(title.replace("#", " ").replace(":", "：").split()).strip("'\"[]{}&*!|>%@`- ")
    return TEMPLATES[key].content.replace("$name", name).replace("$title", plain or name)
