"""Sets up logging for one process."""

import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import loguru
import structlog

from voicebot.adapters.logs.redact import redactor
from voicebot.adapters.logs.stderr import QueuedStderr

CHATTY: Final = (
    "numba",
    "asyncio",
    "aiosqlite",
    "httpcore",
    "websockets",
    "multipart",
    "uvicorn",
    "alembic.runtime.plugins",
)
"""Loggers that tell more than anybody wants below WARNING."""


@dataclass(frozen=True, slots=True)
class LogOptions:
    """How the log looks.

    Args:
        format: ``json`` one object a line, ``console`` for people, ``auto``: console on a terminal.
        level: DEBUG, INFO, WARNING or ERROR.
        texts: log what callers say; off, since it is personal data.
    """

    format: Literal["auto", "json", "console"] = "auto"
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    texts: bool = False


def setup_logging(options: LogOptions, part: str = "") -> None:
    """Leads structlog, stdlib logging, loguru and warnings to stderr, redacted.

    Call once per process before anything logs. A call's id belongs into structlog's contextvars:
    ``structlog.contextvars.bound_contextvars(call_id=…)``.

    Args:
        part: name of this process, in every line when given.
    """
    console = options.format == "console" or (options.format == "auto" and sys.stderr.isatty())
    shared: Sequence[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        _stamper(part),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    tail: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redactor(texts=options.texts),
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    ]
    handler = QueuedStderr()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=tail))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(options.level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(True)
    _lead_loguru(options.level)


def _stamper(part: str) -> structlog.typing.Processor:
    def stamp(_logger: Any, _method: str, event: Any) -> Any:
        event["at"] = datetime.now().astimezone().isoformat(timespec="milliseconds")
        if part:
            event["part"] = part
        return event

    return stamp


def _lead_loguru(level: str) -> None:
    """loguru (it comes with pipecat) prints to stderr by itself as soon as it is imported."""

    def sink(message: "loguru.Message") -> None:
        record = message.record
        logger = logging.getLogger(record["name"] or "loguru")
        error = record["exception"]
        info = (error.type, error.value, error.traceback) if error and error.type and error.value else None
        logger.log(record["level"].no, "%s", record["message"], exc_info=info)

    loguru.logger.remove()
    loguru.logger.add(sink, level=level, format="{message}", backtrace=False, diagnose=False)
