"""Logging: structlog, with everything else (stdlib, loguru, warnings) led into it."""

from voicebot.adapters.logs.failure import one_line_failures
from voicebot.adapters.logs.setup import LogOptions, setup_logging

__all__ = ["LogOptions", "one_line_failures", "setup_logging"]
