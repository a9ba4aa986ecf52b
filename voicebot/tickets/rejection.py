"""不予受理: reason codes, and the channel each names to the caller (domain.md §3)."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class RejectCode(StrEnum):
    LITIGATION = "litigation"
    ARBITRATION = "arbitration"
    DISCIPLINE = "discipline"
    RECONSIDERATION = "reconsideration"
    DISCLOSURE = "disclosure"
    PETITION = "petition"
    SECRET = "secret"
    OTHER_BODY = "other_body"
    OTHER_CITY = "other_city"
    EMERGENCY = "emergency"
    REPEATED = "repeated"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a matter is not ours.

    Args:
        label: name of the code on pages.
        told: sentence for the caller; names the right channel.
    """

    label: str
    told: str


GROUNDS: Final = MappingProxyType(
    {
        RejectCode.LITIGATION: Ground(
            "应当通过诉讼解决", "这件事要通过诉讼解决，请向有管辖权的人民法院起诉，法律问题可以拨打12348咨询"
        ),
        RejectCode.ARBITRATION: Ground(
            "应当通过仲裁解决",
            "这件事要通过仲裁解决，请向约定的或者当地的仲裁机构申请，法律问题可以拨打12348咨询",
        ),
        RejectCode.DISCIPLINE: Ground(
            "属于纪检监察", "反映党员干部和公职人员违纪违法的问题，请拨打12388向纪检监察机关举报"
        ),
        RejectCode.RECONSIDERATION: Ground(
            "属于行政复议", "对行政决定不服，请在法定期限内向行政复议机构申请复议"
        ),
        RejectCode.DISCLOSURE: Ground("属于政府信息公开", "请向掌握这项信息的行政机关提出政府信息公开申请"),
        RejectCode.PETITION: Ground("信访已受理", "信访部门已经受理这件事，请向受理的信访部门查询办理情况"),
        RejectCode.SECRET: Ground(
            "涉及秘密或者隐私",
            "这件事涉及国家秘密、商业秘密或者个人隐私，热线不能登记，请直接向主管机关书面反映",
        ),
        RejectCode.OTHER_BODY: Ground(
            "属于党委、人大、政协、法院、检察院",
            "这件事由党委、人大、政协、法院或者检察院办理，请向该机关反映",
        ),
        RejectCode.OTHER_CITY: Ground("不在本市", "这件事不在本市，请拨打事发地的区号加12345"),
        RejectCode.EMERGENCY: Ground(
            "属于紧急救助", "遇到危险请马上拨打110报警、119火警、120急救或者122交通事故电话"
        ),
        RejectCode.REPEATED: Ground(
            "重复反映且没有新的事实", "这件事已经办结并答复，没有新的情况不再登记，有新的情况或者证据请再来电"
        ),
        RejectCode.EMPTY: Ground("没有实质内容或者骚扰", "这次来电没有说到要办的事，需要帮助时请再拨打12345"),
    }
)
