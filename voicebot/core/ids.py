"""Names of things, as distinct types so that one cannot be passed for another."""

from typing import NewType

CallId = NewType("CallId", str)
"""One call; made by the line that took it, e.g. ``20261124-093011-7f3a``."""

TicketNo = NewType("TicketNo", str)
"""工单编号: 14 digits, date + daily serial, e.g. ``20261124000072``."""

ArticleId = NewType("ArticleId", str)
"""A knowledge article, e.g. ``KB001``."""

DepartmentName = NewType("DepartmentName", str)
"""The ``name`` column of the city directory, e.g. ``市城市管理局``."""

FlowName = NewType("FlowName", str)
"""A flow file's name, e.g. ``main``."""

QueueName = NewType("QueueName", str)
"""A queue of seats, e.g. ``综合``, ``企业``, ``紧急``."""

LanguageTag = NewType("LanguageTag", str)
"""A spoken language as a BCP 47 tag, e.g. ``zh``, ``en``."""

MANDARIN = LanguageTag("zh")
"""What a call is in until the caller asks for another language."""

SeatId = NewType("SeatId", str)
"""A seat (坐席): the name of its account."""
