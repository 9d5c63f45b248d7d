"""The options of `cdp dead-letters`, and what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from deploy.errors import CannotStart

_BY = "What to select by"

Letter = Annotated[
    list[str] | None, typer.Option("--letter", metavar="ID", rich_help_panel=_BY, help="This letter (repeatable).")
]
Code = Annotated[str, typer.Option(rich_help_panel=_BY, help="With this code, as `groups` shows it.")]
Source = Annotated[str, typer.Option(rich_help_panel=_BY, help="Of this source.")]
Fingerprint = Annotated[str, typer.Option(rich_help_panel=_BY, help="With this fingerprint, as `groups` shows it.")]
EventId = Annotated[str, typer.Option(rich_help_panel=_BY, help="Of the event with this id.")]
Since = Annotated[str, typer.Option("--from", rich_help_panel=_BY, help="Received at this time (RFC 3339) or later.")]
Until = Annotated[str, typer.Option("--to", rich_help_panel=_BY, help="Received before this time.")]
Where = Annotated[
    str,
    typer.Option(
        "--at",
        metavar="TOPIC/PARTITION/OFFSET",
        rich_help_panel=_BY,
        help="Of records there; offset, or offset and partition, may be left out.",
    ),
]
Patch = Annotated[str, typer.Option(metavar="JSON|FILE", help="JSON Patch (RFC 6902) for each event.")]
State = Annotated[str, typer.Option(help="open (not replayed yet), repaired, or all.")]
Limit = Annotated[int, typer.Option(min=1, max=200, help="How many, the newest first.")]
OlderThan = Annotated[float | None, typer.Option(help="Older than so many days. [default: the retention]")]
Seconds = Annotated[
    float,
    typer.Option("--for", min=0, max=86_400, metavar="SECONDS", help="And what comes within so many seconds."),
]
Json = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing: only say what would happen.")]


def selected(where: str, letters: list[str] | None = None, **words: str) -> dict[str, Any]:
    """What the options select, as the API's filter; words left empty select nothing."""
    topic, partition, offset = [*where.split("/"), "", ""][:3]
    numbers = {"partition": partition, "offset": offset}
    if any(value and not value.isdigit() for value in numbers.values()):
        raise typer.BadParameter("partition and offset are numbers, as in cdp.events.v1/3/1024", param_hint="--at")
    names = {"since": "from", "until": "to"}
    said: dict[str, Any] = {names.get(name, name): value for name, value in {**words, "topic": topic}.items() if value}
    said |= {name: int(value) for name, value in numbers.items() if value}
    return said | ({"letter_ids": letters} if letters else {})


def read_patch(said: str) -> msgspec.Raw | None:
    """A patch as it is written, or read from a file. Raises CannotStart."""
    if not said:
        return None
    text = said.encode() if said.lstrip().startswith("[") else _file(Path(said))
    try:
        msgspec.json.decode(text, type=list[dict[str, Any]])
    except msgspec.MsgspecError as wrong:
        raise CannotStart(f"The patch is no JSON Patch: {wrong}. Write a list of {{op, path, value}}.") from None
    return msgspec.Raw(text)


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise CannotStart(f"{path} cannot be read. --patch takes a list of operations as JSON, or a file.") from None
