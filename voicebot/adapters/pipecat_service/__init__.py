"""Any speech service of pipecat as an engine of ours: loading it, running it, and nothing else of pipecat.

The service gets a pipeline of its own, ``service → outlet``, in a thread with an event loop of its own,
so that neither its tasks nor what it blocks reach the worker's loop.
"""

from voicebot.adapters.pipecat_line import redirect_loguru

redirect_loguru()  # before the next lines: pipecat greets when it is imported

from voicebot.adapters.pipecat_service.loading import ServiceSpec, make_service, service_class  # noqa: E402
from voicebot.adapters.pipecat_service.loop import LoopThread  # noqa: E402
from voicebot.adapters.pipecat_service.pipeline import ServicePipeline  # noqa: E402

__all__ = ["LoopThread", "ServicePipeline", "ServiceSpec", "make_service", "service_class"]
