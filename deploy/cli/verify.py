"""`cdp verify`: proof that nothing is lost and nothing counts twice."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Annotated
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import typer
from rich.markup import escape

from deploy.attaching import attach
from deploy.cli.console import results
from deploy.cli.options import DataDir, settings_for
from deploy.cli.progress import phases
from deploy.doors import api_key, api_url
from deploy.errors import CannotReach
from deploy.oracle.model import Json
from deploy.verifying.customers import Asks
from deploy.verifying.finding import Finding
from deploy.verifying.run import Verifying
from projections.database import Database
from schemas.positions import encode

_WRONG = 1
_UNKNOWN = 404
_WAIT_SECONDS = 30

Customers = Annotated[int, typer.Option("--customers", min=0, max=10_000, help="How many are told once more.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Which ones. [default: by chance]")]
JsonFile = Annotated[Path | None, typer.Option("--json", metavar="FILE", dir_okay=False, help="Also write it here.")]
Url = Annotated[str, typer.Option("--url", help="The API, when it is not this machine's.")]
Key = Annotated[str, typer.Option("--key", help="API key, when it is not in the data directory.")]


def verify(
    customers: Customers = 50,
    seed: Seed = None,
    json_file: JsonFile = None,
    url: Url = "",
    key: Key = "",
    *,
    data_dir: DataDir = None,
) -> None:
    """Check that nothing is lost and nothing counts twice; the platform may be at work.

    The ledger has no gaps; each event is one fact, the first of its id; each event of the log is a fact, a repetition
    or a dead letter; and customers picked by chance, told once more from the log by other code, are what the API
    answers. Exits with 1 if something is wrong.
    """
    settings = settings_for(data_dir)
    attached, chosen = attach(settings), random.randrange(2**31) if seed is None else seed  # noqa: S311 -- a sample
    door = _Door(url or api_url(settings), key or api_key(settings)) if customers else _Door("", "")
    with closing(Database(attached.clickhouse)) as database, phases() as phase:
        now = lambda: datetime.now(UTC)  # noqa: E731
        found = Verifying(attached, database, now, door.after, phase).run(customers, chosen)
    for each in found:
        _tell(each)
    if json_file is not None:
        said = {"seed": chosen, "checks": [asdict(each) for each in found]}
        json_file.write_text(json.dumps(said, indent=1), "utf-8")
    if any(not each.good for each in found):
        results().print(f"Something is wrong. The same customers again: --seed {chosen}. RUNBOOK.md says what to do.")
        raise typer.Exit(_WRONG)


def _tell(found: Finding) -> None:
    mark = "[green]✓[/]" if found.good else "[red]✗[/]"
    results().print(f"{mark} {found.name}: {escape(found.looked_at)}", soft_wrap=True)
    for sentence in found.problems:
        results().print(f"    [red]{escape(sentence)}[/]", soft_wrap=True)
    if found.count > len(found.problems) and found.problems:
        results().print(f"    {found.count:,} in all")
    for sentence in found.notes[:5]:
        results().print(f"    [dim]{escape(sentence)}[/]", soft_wrap=True)


class _Door:
    """The API, asked for dossiers with everything that is in the log up to some offsets."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = url.rstrip("/"), key

    def after(self, ends: Mapping[int, int]) -> Asks:
        """Whoever asks waits for all of it."""
        position = encode({"events": {partition: end - 1 for partition, end in ends.items() if end}})
        path = f"{self._url}/v1/profiles:lookup?timeout={_WAIT_SECONDS}&after={position}"

        def ask(address: str) -> Json | None:
            headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
            request = Request(path, json.dumps({"id": address}).encode(), headers)  # noqa: S310 -- the platform's own
            try:
                with urlopen(request, timeout=2 * _WAIT_SECONDS) as answer:  # noqa: S310 -- the same
                    found: Json = json.load(answer)
                    return found
            except HTTPError as refused:
                with refused:
                    if refused.code == _UNKNOWN:
                        return None
                raise CannotReach(f"{self._url} answered {refused.code} to a question about a customer.") from None
            except (URLError, HTTPException, OSError) as error:
                raise CannotReach(f"Nothing answers at {self._url}: {type(error).__name__}.") from error

        return ask
