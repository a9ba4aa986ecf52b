"""A town of a few matters and places."""

from voicebot.cli.benches.tickets_town import Place, Town
from voicebot.core.ids import DepartmentName
from voicebot.core.meaning import AppealType, Intent
from voicebot.understanding.examples import Example

TOWN = Town(
    tuple(
        Example(text, Intent.TICKET, DepartmentName(unit), AppealType.COMPLAINT)
        for text, unit in (
            ("路灯灭了半个月100%没人管", "市城市管理局"),
            ("楼上夜里打桩睡不着", "市生态环境局"),
            ("拖欠三个月工资", "市人力资源和社会保障局"),
        )
    ),
    (Place("云湖区", "翠湖路", "号"), Place("江北区", "船厂新村", "栋")),
)
