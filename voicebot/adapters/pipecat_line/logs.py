"""pipecat's loguru is sent into logging, where structlog's settings apply."""

import logging
from typing import Final

import loguru

_LOGGER: Final = logging.getLogger("pipecat")


def redirect_loguru(level: str = "WARNING") -> None:
    """Removes loguru's own sinks and hands records of `level` and above to the logger ``pipecat``."""

    def sink(message: "loguru.Message") -> None:
        record = message.record
        _LOGGER.log(
            record["level"].no,
            "%s",
            record["message"],
            exc_info=record["exception"],  # type: ignore[arg-type]
            extra={"origin": f"{record['name']}:{record['line']}"},
        )

    loguru.logger.remove()
    loguru.logger.add(sink, level=level, format="{message}", backtrace=False, diagnose=False)
