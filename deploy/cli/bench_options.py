"""Options that several measurements share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from deploy.bench.mixes import MIXES, Mix

FACTS_A_CUSTOMER = 10


class MixName(StrEnum):
    """What is sent: see deploy/bench/mixes.py."""

    SESSIONS = "sessions"
    SCATTERED = "scattered"
    BOTH = "both"


MixOption = Annotated[
    MixName, typer.Option(help="Sessions: ten events of a customer in a burst; scattered: each another customer's.")
]


def mixes(said: MixName) -> tuple[Mix, ...]:
    """Those that are meant."""
    return tuple(each for each in MIXES if said in {each, MixName.BOTH})
