"""Flows by the hundred, as a large city would write them: valid, of a given length, all different."""

from typing import Final

MATTERS: Final = ("路灯", "井盖", "噪声", "油烟", "积水", "绿化", "公厕", "站牌", "暖气", "水管")
STREETS: Final = ("人民路", "解放路", "建设路", "中山路", "和平路", "长江路", "黄河路", "文化路")

HEAD: Final = """\
flow: made_{n}
title: {matter}第{n}种
start: ask_0
numbers: ["9{n:05d}"]
slots:
  address: 地点
  time: 时间
  phone: 电话
  what: 事情
defaults:
  no_input: [您好，请说{matter}的事。, 我在听，请说。]
  no_match: [抱歉，没听清楚。, 请换个说法。]
  help: [您可以说地点和时间，也可以要人工。]
steps:
"""

BLOCK: Final = """\
  ask_{i}:
    kind: ask
    expect: choice
    prompt: [要反映{street}{i}号的{matter}，还是查进度？, 反映{matter}，还是查进度？]
    choices:
      - {{label: 反映, key: "1", next: where_{i}}}
      - {{label: 查进度, key: "2", next: known_{i}}}
    on_no_match: known_{i}
  where_{i}:
    kind: ask
    slot: address
    expect: address
    prompt: 请问{matter}在什么地方？
    again: true
    optional: true
    next: known_{i}
  known_{i}:
    kind: branch
    on: address
    cases:
      - {{is: "*", next: told_{i}}}
    otherwise: sorry_{i}
  told_{i}:
    kind: say
    prompt: {{zh: "{street}的{matter}，我记下了。", patient: "{matter}的事，记下了。"}}
    next: {following}
  sorry_{i}:
    kind: say
    prompt: 没有地点也可以办，我们接着说。
    next: {following}
"""

TAIL: Final = """\
  last:
    kind: end
    then: hang_up
    prompt: 谢谢您的来电，再见。
"""

PAD: Final = "# 由{matter}科负责，每月核对一次。\n"


def many_flows(count: int, lines: int) -> dict[str, str]:
    """Path → text of `count` flows of `lines` lines each."""
    return {f"ivr_flows/made_{n}.yaml": _flow(n, lines) for n in range(count)}


def _flow(n: int, lines: int) -> str:
    matter, street = MATTERS[n % len(MATTERS)], STREETS[n // len(MATTERS) % len(STREETS)]
    head = HEAD.format(n=n, matter=matter)
    blocks = max(1, (lines - head.count("\n") - TAIL.count("\n")) // BLOCK.count("\n"))
    text = head + "".join(
        BLOCK.format(
            i=i, matter=matter, street=street, following="last" if i + 1 == blocks else f"ask_{i + 1}"
        )
        for i in range(blocks)
    )
    text += TAIL
    return PAD.format(matter=matter) * max(0, lines - text.count("\n")) + text
