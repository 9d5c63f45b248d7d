"""How every process logs: one JSON object a line, or coloured text when a person watches.

Called by entry points only.
"""

from __future__ import annotations

import logging
import sys

import structlog


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
    handler.setFormatter(final)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.contextvars.bind_contextvars(process=process)
    for noisy in ("aiokafka", "faust", "mode", "urllib3", "clickhouse_connect"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    # It warns several times a second while a broker is away, which we say once ourselves.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
