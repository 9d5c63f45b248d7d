"""How every process logs: one JSON object a line, or coloured text when a person watches.

Called by entry points only.
"""

from __future__ import annotations

import logging
import sys

import structlog

_REPEATING = ("aiokafka", "faust", "mode")
_SILENCE_SECONDS = 5.0
_REMEMBERED = 256


class _Once(logging.Filter):
    """Lets one line in a few seconds pass of those that a library repeats, as aiokafka does while a broker is away."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, object], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to say it."""
        if not record.name.startswith(_REPEATING):
            return True
        key = (record.name, record.msg)
        before = self._said.get(key, -_SILENCE_SECONDS)
        if record.created - before < _SILENCE_SECONDS:
            return False
        self._said = {**(self._said if len(self._said) < _REMEMBERED else {}), key: record.created}
        return True


def configure(level: str, process: str, *, pretty: bool | None = None) -> None:
    """Set up structlog and send the standard library's loggers through it, to stderr."""
    watched = sys.stderr.isatty() if pretty is None else pretty
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if watched else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    final = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([] if watched else [structlog.processors.format_exc_info]),
            renderer,
        ],
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level.lower()),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Once())
    handler.setFormatter(final)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.contextvars.bind_contextvars(process=process)
    for noisy in ("aiokafka", "faust", "mode", "urllib3", "clickhouse_connect"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    # It warns several times a second while a broker is away, which we say once ourselves.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
