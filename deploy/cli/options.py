"""Options that several commands share, and the settings they lead to. The only place of the command that reads them."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from schemas.logs import configure
from schemas.settings import Settings

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", metavar="DIR", help="Where the platform keeps its data, logs and keys. [default: .cdp]"),
]


def settings_for(data_dir: Path | None, otherwise: Path | None = None) -> Settings:
    """The settings of this environment. `--data-dir` wins over CDP_DATA_DIR, that over `otherwise`."""
    configure("WARNING", "cdp")
    logging.getLogger("kafka").setLevel(logging.ERROR)  # while a broker starts, its client has much to say
    settings = Settings()
    chosen = data_dir or (otherwise if "data_dir" not in settings.model_fields_set else None)
    return settings.model_copy(update={"data_dir": chosen}) if chosen else settings
