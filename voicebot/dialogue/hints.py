"""What kinds of steps and keys mean, in one Chinese line each: shown by editors and beside the drawing."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "say": "说一句话，接着走",
        "ask": "问一个问题，等回答",
        "menu": "按键菜单，只有一层",
        "answer": "念知识库的答案",
        "ticket": "登记、查询、催办、补充、撤销工单",
        "transfer": "转给人：坐席、其他热线、紧急电话",
        "branch": "按情况分路",
        "call": "走另一个流程，走完回来",
        "set": "填写内容，改语速或语言",
        "rate": "请来电人打分",
        "notify": "发短信或通知别的系统",
        "end": "结束",
    }
)

KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        # the file
        "flow": "流程的名字，别的流程用它来调用",
        "title": "给人看的名称",
        "start": "从哪个节点开始",
        "numbers": "拨打这些号码的来电从这里开始",
        "intents": "有这些意图的来电人，不论在哪里都带到这里",
        "words": "来电人一开口说到这些词，就带到这里；知识库答得准的问题先回答",
        "slots": "内容名称: 复述时的叫法，空着的不复述",
        "set.slots": "内容名称: 填什么，可以写 {内容名称}",
        "notify.slots": "带上哪些内容",
        "inputs": "开始前可以先填好的内容",
        "call.inputs": "对方的内容名称: 填什么，可以写 {内容名称}",
        "outputs": "走完后可以交给调用者的内容",
        "call.outputs": "自己的内容名称: 对方的内容名称",
        "holds": "true 时沉默不挂机（紧急情况）",
        "languages": "能用哪些语言说",
        "serves": "受理哪些语言的来电人，语言: 中文名称",
        "defaults": "每个问题没有另写时，都用这里的",
        "anchors": "主流程：系统按用途找的节点",
        "phrases": "主流程：任何地方都可能要说的话",
        "declines": "主流程：不归本热线管的事怎么说，最后一条不写 words",
        "steps": "节点名称: 节点",
        # all steps
        "label": "记录里显示的状态",
        "prompt": "说的话；几句时第二次说第二句；也可以按 zh、patient、en 分开写",
        "next": "接着去哪个节点",
        "failed": "没办成时去哪个节点",
        "action": "记录里显示这句话在做什么",
        # questions
        "expect": "等什么样的回答",
        "slot": "回答记在哪项内容里；已经有的不再问",
        "yes": "肯定时去哪个节点",
        "no": "否定时去哪个节点",
        "choices": "选项：说法 label、按键 key、去哪里 next",
        "key": "按哪个键，0 固定是人工",
        "corrects": "复述后可以一句话改正哪些内容",
        "optional": "true 时可以跳过",
        "again": "true 时已经有了也再问",
        "digits": "最多按几个键",
        "patience": "多等几秒再算说完",
        "when": "日期在今天以前 past，还是以后 coming",
        "verbatim": "true 时说什么都原样记下，气话、问句也记；转人工和紧急情况照样有效",
        "no_input": "没出声时说的话",
        "no_match": "没听懂时说的话",
        "help": "问怎么说时说的话",
        "max_tries": "几次没听懂就走 on_no_match，没写就转人工",
        "on_no_input": "提醒过还不出声，去哪个节点",
        "on_no_match": "几次没听懂，去哪个节点",
        "ignores": "这里不理会哪些随时可说的话",
        "also": "再用别的语言说一句",
        "low": "一分两分去哪个节点",
        # the others
        "none": "没有找到时去哪个节点",
        "of": "念哪个答案：question 刚才问的，part 一件事里的下一件",
        "rest": "长者模式念一段后问要不要接着听的节点",
        "do": "create 登记，callback 登记回电，find 查询，change 办理",
        "done": "办好后去哪个节点",
        "appended": "并入旧工单时去哪个节点",
        "many": "查到几件时去哪个节点",
        "request": "urge 催办，supplement 补充，withdraw 撤销，objection 异议",
        "queue": "转给哪个队列的坐席",
        "skill": "先找有这项技能的坐席",
        "number": "转到设置里的其他热线或单位",
        "emergency": "转到紧急电话，110、119、120、122 或 {内容}",
        "returned": "坐席把电话转回来，或来电人不等了，去哪个节点",
        "call_back": "来电人要回电、不排队了，去哪个节点；没写就走 failed",
        "on": "看哪项内容或情况",
        "cases": "是什么 is，就去哪里 next；* 是任何值",
        "is": "等于其中一个；* 是任何值",
        "otherwise": "都不是时去哪个节点",
        "manner": "patient 慢慢说，normal 平常",
        "language": "改说哪种语言",
        "to": "设置里的通知对象",
        "phone": "短信发给谁",
        "text": "短信或通知的内容",
        "then": "return 回到调用处，home 问还有别的事吗，hang_up 挂机；排队时 call_back 要回电，leave 不等了",
    }
)
"""Key → what it means; with the kind before it where it means something else there (``set.slots``)."""
