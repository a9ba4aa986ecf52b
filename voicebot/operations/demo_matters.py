"""What the demonstration's tickets are about."""

from dataclasses import dataclass
from typing import Final

from voicebot.core.meaning import AppealType, Urgency


@dataclass(frozen=True, slots=True)
class Matter:
    """What it is about; `{place}` is where."""

    title: str
    said: str
    unit: str
    category: str
    object: str
    appeal: AppealType = AppealType.HELP
    urgency: Urgency = Urgency.NORMAL


MATTERS: Final = (
    Matter(
        "路灯不亮",
        "{place}的路灯坏了好几天，晚上一片漆黑，请尽快维修",
        "市城市管理局",
        "城市管理/市政设施/路灯",
        "路灯",
    ),
    Matter(
        "井盖缺失",
        "{place}有个井盖不见了，怕有人掉下去",
        "市城市管理局",
        "城市管理/市政设施/井盖",
        "井盖",
        urgency=Urgency.URGENT,
    ),
    Matter(
        "小区停水",
        "{place}从早上停水到现在，没有通知",
        "市水务集团",
        "公用事业/供水/停水",
        "自来水",
        urgency=Urgency.URGENT,
    ),
    Matter(
        "夜间施工噪声",
        "{place}的工地夜里一点还在打桩，睡不了觉",
        "市生态环境局",
        "生态环境/噪声/施工噪声",
        "工地",
        AppealType.COMPLAINT,
    ),
    Matter(
        "拖欠工资",
        "在{place}的工地干活，三个月没发工资",
        "市人力资源和社会保障局",
        "劳动/劳动报酬/拖欠工资",
        "包工头",
        AppealType.COMPLAINT,
    ),
    Matter(
        "物业不修电梯",
        "{place}的电梯坏了一周，物业一直不修，老人下不了楼",
        "市住房和城乡建设局",
        "住房建设/物业管理/小区电梯",
        "物业",
        AppealType.COMPLAINT,
    ),
    Matter(
        "占道经营",
        "{place}早上摆摊占了人行道，孩子上学只能走马路",
        "市城市管理局",
        "城市管理/市容秩序/占道经营",
        "摊贩",
        AppealType.COMPLAINT,
    ),
    Matter(
        "预付卡不退",
        "{place}的健身房关门了，办的卡不退钱",
        "市市场监督管理局",
        "市场监管/消费维权/预付卡",
        "健身房",
        AppealType.REPORT,
    ),
    Matter(
        "公交站牌建议",
        "建议在{place}加一个公交站牌和座椅",
        "市交通运输局",
        "交通运输/公共交通/公交",
        "公交站",
        AppealType.SUGGESTION,
    ),
    Matter(
        "暖气不热",
        "{place}的暖气一直不热，家里只有十三度",
        "市热力公司",
        "公用事业/供暖/暖气不热",
        "暖气",
        urgency=Urgency.URGENT,
    ),
    Matter(
        "燃气味",
        "{place}的楼道里闻到燃气味，已经开窗",
        "市燃气公司",
        "公用事业/燃气/泄漏",
        "燃气",
        urgency=Urgency.CRITICAL,
    ),
    Matter(
        "医保报销咨询",
        "住在{place}，想问外地住院怎么报销，窗口说材料不全",
        "市医疗保障局",
        "医疗保障/医保待遇/报销",
        "医保窗口",
        AppealType.CONSULT,
    ),
    Matter(
        "感谢社区",
        "{place}的社区工作人员帮忙找回走失的老人，表示感谢",
        "市民政局",
        "民政/养老/其他",
        "社区",
        AppealType.PRAISE,
    ),
)
