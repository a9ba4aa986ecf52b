"""How many examples slow property tests try: fewer in every run, all of them in the soak."""

import os

THOROUGH = "VOICEBOT_TESTS_THOROUGH"
"""Environment variable, set by `.ci/steps soak`."""


def examples(usual: int, thorough: int) -> int:
    """The number for this run."""
    return thorough if os.environ.get(THOROUGH) else usual
