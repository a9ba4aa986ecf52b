"""The shape of a file of test calls as JSON Schema, for editors; see `json_schema` for what it promises."""

import json
from typing import Any, Final

from pydantic import TypeAdapter

from voicebot.dialogue.json_schema import DIALECT, Generator
from voicebot.dialogue.trying.script_shape import CallShape

FILE_NAME: Final = "test.schema.json"

HINTS: Final = {
    "name": "这通试打说明什么",
    "caller": "来电号码（不写值就是不显示号码）；在 steps 里：来电人说的话",
    "dialled": "拨打的号码",
    "channel": "从哪里打来：phone、web、text",
    "now": "通话开始的时间，比如 2026-11-24 09:30",
    "flow": "从哪个流程开始，不写按拨打的号码",
    "outbound": "我们打出去的电话：开始时已知的内容，名称和值",
    "facts": "打来时的情况，名字和 branch 的 on 一样；不写的按城市档案",
    "world": "工单、人工这些事的结果：写一个，或按次序写几个",
    "greeting": "开头说的话应当怎样",
    "steps": "一步一步：来电人做什么，应当怎样",
    "keys": "来电人按的键",
    "silence": "来电人几秒不出声",
    "hangup": "来电人挂机",
    "failure": "出了什么故障，比如 stt.lost（没听到）",
    "says": "说的话里应当有的词",
    "exactly": "说的话应当一字不差",
    "action": "这一轮是什么动作",
    "state": "通话的状态",
    "step": "停在哪个节点",
    "slots": "填好的内容：名字 → 值（不写值：没有填；*：填了就行）",
    "queue": "转给哪个队列",
    "effects": "还做了什么：登记、查询、转接、通知、打分、结束",
    "ticket": "登记工单的结果，或者登记的工单应当怎样",
    "find": "查工单的结果，或者应不应查",
    "change": "催办、补充、撤单、异议",
    "person": "转人工的结果；在 steps 里：排队或通话怎样结束",
    "queued": "等人工时，前面还有几位 ahead，大约几分钟 minutes",
    "ahead": "前面还有几位",
    "minutes": "大约还要几分钟，不写是不知道",
    "notify": "发通知的结果，或者应通知谁",
    "tickets": "来电人以前的工单",
    "refusal": "不能催办、撤单时的理由",
    "transfer": "应转给哪个队列",
    "emergency": "应呼叫的紧急电话",
    "number": "工单号；在 effects 里：应先呼叫的其他热线",
    "rate": "应记下的分数",
    "end": "应不应结束通话",
}


def script_schema() -> dict[str, Any]:
    """The schema of one ``NAME.test.yaml``."""
    schema = TypeAdapter(list[CallShape]).json_schema(schema_generator=Generator, mode="validation")
    for part in schema["$defs"].values():
        part.pop("description", None)
        part.pop("title", None)
        for name, field in part.get("properties", {}).items():
            if name in HINTS:
                field["description"] = HINTS[name]
    return {"$schema": DIALECT, "title": "试打", **schema}


def script_schema_text() -> str:
    """The schema as it is committed beside the flows."""
    return json.dumps(script_schema(), ensure_ascii=False, indent=1) + "\n"
