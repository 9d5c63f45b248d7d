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


def settings_for(data_dir: Path | None, **defaults: object) -> Settings:
    """The settings of this environment; `--data-dir` wins over them, `defaults` yield to them."""
    said = Settings()
    yielding = {name: value for name, value in defaults.items() if name not in said.model_fields_set}
    wins = {"data_dir": data_dir} if data_dir else {}
    settings = said.model_copy(update={**yielding, **wins})
    configure("WARNING", "cdp")
    logging.getLogger("kafka").setLevel(logging.ERROR)  # while a broker starts, its client has much to say
    return settings
