"""`cdp bench latency`: how soon an event is in the profile and in the memberships."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.bench.latency import SHARES, Latency, measure
from deploy.bench.probing import A_SECOND
from deploy.cli.bench_options import FACTS_A_CUSTOMER, MixName, MixOption, mixes
from deploy.cli.console import notes
from deploy.cli.measuring import Json, measured, tell
from deploy.cli.options import settings_for

_LOADS = 2 * len(SHARES) + 2


def latency(  # noqa: PLR0913 -- one argument an option
    *,
    facts: Annotated[
        int, typer.Option(min=1_000, max=100_000_000, help="Facts that lie there; ten a customer.")
    ] = 1_000_000,
    definitions: Annotated[
        int, typer.Option(min=0, max=1_000, help="Live segments and tags, beside the built-in ones.")
    ] = 20,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the work.")] = 1,
    mix: MixOption = MixName.BOTH,
    rate: Annotated[
        int, typer.Option(min=0, max=1_000_000, help="Events a second that are sustained; 0 finds it out first.")
    ] = 0,
    seconds: Annotated[int, typer.Option(min=1, max=3_600, help="How long probes go on under each load.")] = 60,
    seed: Annotated[int, typer.Option(help="The same seed gives the same facts and events.")] = 7,
    json_file: Json = None,
) -> None:
    """Time single events on their way into the profile and into memberships, while others come in.

    At 10, 50 and 90 % of the rate that is sustained, and at 5,000 and 15,000 events a second of sessions where that
    is less. Ten probes a second, each of another customer: the membership is seen on the topic of changes, every
    other profile by asking the API with ?after=. On a platform of its own.
    """
    if facts // FACTS_A_CUSTOMER < (needed := _LOADS * A_SECOND * seconds):
        least = needed * FACTS_A_CUSTOMER
        raise typer.BadParameter(f"So many probes need {least:,} facts, or fewer --seconds.", param_hint="--facts")
    asked = Latency(facts // FACTS_A_CUSTOMER, facts, definitions, workers, mixes(mix), rate, seconds, seed)
    with tempfile.TemporaryDirectory(prefix="cdp-bench-") as directory:
        settings = settings_for(Path(directory))
        tell(measured(settings, lambda doors: measure(doors, asked, notes()), workers=workers), json_file)
