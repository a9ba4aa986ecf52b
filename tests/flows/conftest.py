"""The shipped flows, loaded once with the names they refer to."""

import pytest

from tests.flows.caller import shipped_flows
from voicebot.dialogue import Flows


@pytest.fixture(scope="session")
def flows() -> Flows:
    return shipped_flows()
