"""`cdp match`: proposes pairs of people who may be one. It joins nobody: a person decides, through the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.addresses import read_addresses
from deploy.cli.console import notes, results
from deploy.cli.options import DataDir, settings_for
from deploy.errors import CannotReach, CannotStart
from deploy.owner import is_owned
from deploy.platform import clickhouse_address
from projections.database import Database
from projections.matching import Known, SuggestionStore, kept_apart, people
from schemas.settings import Settings

if TYPE_CHECKING:
    from deploy.matching.model import Pair

_SHOWN = 20

Threshold = Annotated[float, typer.Option(min=0.5, max=1.0, help="Least probability of a pair.")]
Limit = Annotated[int, typer.Option(min=1, max=1_000_000, help="Most pairs, the likeliest first.")]
Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", dir_okay=False, help="Also write all pairs here.")]


def match(threshold: Threshold = 0.99, limit: Limit = 10_000, json_file: Json = None, data_dir: DataDir = None) -> None:
    """Propose pairs of people who may be one; joins nobody.

    Compares names, birthdays, documents, e-mails, phones and addresses. GET /v1/matches lists what was found,
    POST /v1/matches/{id}:accept and :reject decide; a pair that was rejected or unlinked is not proposed again.
    """
    _require_splink()
    settings = settings_for(data_dir)
    database = Database(clickhouse_address(settings, _clickhouse(settings)))
    made_at = datetime.now(UTC)
    with _progress() as progress:
        pairs = _pairs(database, settings, threshold, limit, progress)
    withdrawn = _keep(database, pairs, made_at)
    if json_file is not None:
        json_file.write_bytes(orjson.dumps([_as_json(pair) for pair in pairs], option=orjson.OPT_INDENT_2))
    _tell(pairs, withdrawn)


def _require_splink() -> None:
    if find_spec("splink") is None or find_spec("duckdb") is None:
        raise CannotStart("Matching needs Splink, which is not installed. Run: pip install 'cdp[match]'")


def _clickhouse(settings: Settings) -> str:
    """Where the running platform keeps its profiles."""
    if settings.clickhouse.url:
        return settings.clickhouse.url
    known = read_addresses(settings.data_dir)
    if known is None or not is_owned(settings.data_dir):
        raise CannotReach(f"No platform runs on {settings.data_dir}. Start it with cdp up, or name another --data-dir.")
    return known.clickhouse


def _pairs(database: Database, settings: Settings, threshold: float, limit: int, progress: Progress) -> list[Pair]:
    from deploy.matching.suggest import Apart, Wanted, suggest  # noqa: PLC0415 -- Splink is an extra, and slow to import

    task = progress.add_task("Reading people", total=None)
    apart = Apart(kept_apart(database, datetime.now(UTC)))

    def read() -> Iterator[list[Known]]:
        number = 0
        for page in people(database):
            number += len(page)
            progress.update(task, description=f"Reading people: {number:,}")
            yield page

    def tell(step: str) -> None:
        progress.update(task, description=step)

    return suggest(read(), apart, Wanted(threshold, limit), settings.region, tell)


def _keep(database: Database, pairs: Iterable[Pair], made_at: datetime) -> int:
    from deploy.matching.suggest import as_suggestion  # noqa: PLC0415 -- as above

    return SuggestionStore(database).replace_open([as_suggestion(pair, made_at) for pair in pairs], made_at)


def _progress() -> Progress:
    """A bar that moves as long as there is work: how much comparing there is, nobody knows ahead."""
    return Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=notes(), transient=True)


def _as_json(pair: Pair) -> dict[str, Any]:
    from deploy.matching.suggest import reasons  # noqa: PLC0415 -- as above

    sides = {
        side: {"person_id": who.person_id, "address": who.root, "name": who.name}
        for side, who in (("left", pair.left), ("right", pair.right))
    }
    return {"probability": pair.probability, **sides, "reasons": reasons(pair)}


def _tell(pairs: list[Pair], withdrawn: int) -> None:
    if pairs:
        results().print(_table(pairs[:_SHOWN]))
    more = f" The {_SHOWN} likeliest are shown; GET /v1/matches has all." if len(pairs) > _SHOWN else ""
    gone = f" {withdrawn:,} of earlier runs no longer hold and are withdrawn." if withdrawn else ""
    results().print(f"{len(pairs):,} pairs may be one person.{more}{gone}")


def _table(pairs: list[Pair]) -> Table:
    table = Table(title="Possible matches", title_justify="left")
    table.add_column("probability", justify="right", no_wrap=True)
    for name in ("one", "other", "why"):
        table.add_column(name)
    for pair in pairs:
        why = "; ".join(f"{each.field} {each.says}" for each in pair.agreements)
        table.add_row(
            f"{pair.probability:.4f}", *(escape(f"{who.name}\n{who.root}") for who in (pair.left, pair.right)), why
        )
    return table
