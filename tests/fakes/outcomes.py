"""How calls went, as a test says."""

from collections.abc import Collection, Mapping

from voicebot.operations.outcomes import Outcomes, Running


class FakeOutcomes:
    """Implements `voicebot.operations.outcomes.OutcomeReader`."""

    def __init__(self) -> None:
        self.by_content: dict[str, Outcomes] = {}
        self.in_flow: dict[str, int] = {}

    async def outcomes(self, contents: Collection[str]) -> Mapping[str, Outcomes]:
        return {label: found for label, found in self.by_content.items() if label in contents}

    async def running(self, flow: str) -> Running:
        return Running(sum(self.in_flow.values()), self.in_flow.get(flow, 0))
