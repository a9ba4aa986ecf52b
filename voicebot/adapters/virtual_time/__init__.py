"""An event loop without waiting: a 30 s call runs in milliseconds.

`voicebot chat` and every call test run on it.
"""

from voicebot.adapters.virtual_time.clock import VirtualClock, run_virtual
from voicebot.adapters.virtual_time.loop import Deadlock, VirtualLoop

__all__ = ["Deadlock", "VirtualClock", "VirtualLoop", "run_virtual"]
