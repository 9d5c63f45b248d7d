"""`cdp simulate`: a mall that is made up, sent to a running platform."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from deploy.cli.console import notes, results
from deploy.cli.options import DataDir, settings_for
from deploy.cli.plan import Key
from deploy.cli.progress import Rate as RateColumn
from deploy.doors import api_key, api_url, ingest_url
from deploy.errors import CannotStart
from deploy.simulation.keys import borrowed_keys
from deploy.simulation.sending import Sent, post
from deploy.simulation.story import Happening, happenings
from deploy.simulation.visits import SOURCES
from deploy.sources.door import SourcesDoor

_SOME_REJECTED = 1
_OLDEST = date(1970, 1, 2)

Customers = Annotated[int, typer.Option("--customers", min=10, max=1_000_000, help="How many people come.")]
Rate = Annotated[int, typer.Option("--rate", min=1, max=100_000, help="Events a second, if the platform takes them.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed, customers and first day: the same events.")]
For = Annotated[float | None, typer.Option("--for", min=0.1, metavar="SECONDS", help="[default: until all is sent]")]
First = Annotated[str, typer.Option("--from", metavar="DATE", help="The mall's first day. [default: 1 January]")]
Ingest = Annotated[str, typer.Option("--ingest-url", help="Ingest, when it is not this machine's.")]
Api = Annotated[str, typer.Option("--url", help="The API, when it is not this machine's.")]


def simulate(  # noqa: PLR0913, PLR0917 -- one argument an option
    customers: Customers = 1000, rate: Rate = 200, seed: Seed = 1, seconds: For = None, first: First = "",
    data_dir: DataDir = None, ingest: Ingest = "", url: Api = "", key: Key = "",
) -> None:  # fmt: skip
    """Send the life of a made-up mall: sessions, orders paid later, refunds, ratings, complaints, sales, holidays.

    It begins on the first day and goes on to the present. Five sources (`mall-pos`, `mall-app`, …) get write keys that
    are disabled at the end. Safe to run twice: events have the same ids and change nothing.
    """
    settings = settings_for(data_dir)
    now = datetime.now(UTC)
    begin = _day(first, now)
    door = SourcesDoor(url or api_url(settings), key or api_key(settings))
    happening = happenings(customers, seed, begin, now)
    sent = asyncio.run(_send(door, ingest or ingest_url(settings), happening, rate, seconds))
    _tell(sent, begin)
    if sent.rejected:
        raise typer.Exit(_SOME_REJECTED)


def _day(text: str, now: datetime) -> date:
    """The first day. Raises CannotStart."""
    if not text:
        return date(now.year, 1, 1)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CannotStart(f"--from is a date such as {now.year}-01-31, not {text!r}.") from None
    if not _OLDEST <= day <= now.date():
        raise CannotStart("--from lies after 1970 and not ahead of today.")
    return day


async def _send(
    door: SourcesDoor, ingest: str, happening: Iterator[Happening], rate: int, seconds: float | None
) -> Sent:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), RateColumn(), TimeElapsedColumn())
    with Progress(*columns, console=notes()) as progress:
        task = progress.add_task("The mall opens", total=None, events=0)

        def advance(sent: Sent) -> None:
            at = f"{sent.until:%d %b %Y}" if sent.until else ""
            progress.update(task, description=f"The mall on {at}", events=sent.accepted + sent.rejected)

        async with borrowed_keys(door, ingest, SOURCES) as doors:
            return await post(doors, happening, rate, seconds, advance)


def _tell(sent: Sent, begin: date) -> None:
    console = results()
    a_second = sent.accepted / sent.seconds if sent.seconds else 0.0
    until = f"{sent.until:%Y-%m-%d}" if sent.until else "the same day"
    console.print(f"{sent.accepted:,} accepted, {sent.rejected:,} rejected, {a_second:,.0f}/s, {begin} to {until}.")
    for title, counts in (("source", sent.sources), ("type", sent.types)):
        for name, count in counts.most_common():
            console.print(f"  {title} {name}: {count:,}")
    for why in sent.errors:
        console.print(f"  [red]{escape(why)}[/]", soft_wrap=True)
