"""What a new flow may begin as; every one passes the checker as it stands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_SAFE: Final = re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fff\w（）、·]*")


@dataclass(frozen=True, slots=True)
class Template:
    """Args: words: what it is for; content: ``$name`` and ``$title`` are filled in."""

    words: str
    content: str


_NOTICE: Final = """\
# $title：播报一段话，然后问还有没有别的事。
flow: $name
title: $title
# words: [停水, 停电]    # 来电人一开口说到这些词就到这里：换成您的词，再去掉行首的 # 号
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
# words: [挪车, 车挡住]  # 来电人一开口说到这些词就到这里：换成您的词，再去掉行首的 # 号
start: where

slots:
  address: 地点

defaults:                # 每个问题都可以用的话
  no_input: [您好，还在听吗？, 请说话，我在听。]
  no_match: [抱歉，没听清。, 请再说一遍。]
  help: 说大概的路名就行，不想说可以转人工。

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
# words: [办事大厅]      # 来电人一开口说到这些词就到这里：换成您的词，再去掉行首的 # 号
start: choose

defaults:
  no_input: [请按键选择。, 请按1、2，人工请按0。]
  no_match: [没有这个选项，请再选一次。, 请按1或2。]
  help: 按数字键选择，人工请按0。

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
    """The text of a new flow; the title is one line of printable words, quoted where YAML needs it."""
    shown = "".join(c if c.isprintable() and c not in '"\\' else " " for c in title)
    plain = " ".join(shown.split()) or name
    content = TEMPLATES[key].content.replace("$name", name)
    title_line = f"title: {plain}" if _SAFE.fullmatch(plain) else f'title: "{plain}"'
    return content.replace("title: $title", title_line).replace("$title", plain)
