"""The message bus: NATS between processes, or within one."""

from voicebot.adapters.bus.in_process import InProcessBus
from voicebot.adapters.bus.metrics import BusMetrics, serve_metrics
from voicebot.adapters.bus.nats import BusOptions, NatsBus
from voicebot.adapters.bus.running import BusOutcomes, serve_running
from voicebot.adapters.bus.status import BusStatusReader, serve_status

__all__ = [
    "BusMetrics",
    "BusOptions",
    "BusOutcomes",
    "BusStatusReader",
    "InProcessBus",
    "NatsBus",
    "serve_metrics",
    "serve_running",
    "serve_status",
]
