"""`cdp dead-letters`: look at what could not be taken, mend and replay it, and let a held recorder go on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import orjson
import typer
from rich.markup import escape

from deploy.cli.console import notes, results
from deploy.cli.letter_options import (
    Code,
    DryRun,
    EventId,
    Fingerprint,
    Json,
    Letter,
    Limit,
    OlderThan,
    Patch,
    Seconds,
    Since,
    Source,
    State,
    Until,
    Where,
    Yes,
    read_patch,
    selected,
)
from deploy.cli.options import DataDir, settings_for
from deploy.cli.plan import Key, Url
from deploy.doors import api_key, api_url
from deploy.errors import CannotStart
from deploy.letters.door import LettersDoor
from deploy.letters.showing import (
    breaker_lines,
    groups_table,
    letter_lines,
    letters_table,
    order_lines,
    replay_lines,
)

_SOME_FAIL = 1
_HELD = 3

dead_letters = typer.Typer(
    no_args_is_help=True,
    help="Events that could not be taken: look at them, mend and replay them.",
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


@dead_letters.command("list")
def list_letters(  # noqa: PLR0913, PLR0917 -- one argument an option
    code: Code = "", source: Source = "", fingerprint: Fingerprint = "", event_id: EventId = "", since: Since = "",
    until: Until = "", where: Where = "",
    state: State = "open",
    limit: Limit = 20,
    as_json: Json = False, data_dir: DataDir = None, url: Url = "", key: Key = "",  # noqa: FBT002 -- an option
) -> None:  # fmt: skip
    """List letters, the newest first: which event, and what is wrong with it.

    Begin with `cdp dead-letters groups`: what is wrong alike is one line there.
    """
    wanted = selected(
        where, code=code, source=source, fingerprint=fingerprint, event_id=event_id, since=since, until=until
    )
    answer = _ask(_door(data_dir, url, key), "", {**wanted, "state": state, "limit": limit})
    _show(answer, as_json, lambda: results().print(letters_table(answer["data"])))


@dead_letters.command()
def groups(  # noqa: PLR0913, PLR0917 -- one argument an option
    code: Code = "", source: Source = "", since: Since = "", until: Until = "",
    as_json: Json = False, data_dir: DataDir = None, url: Url = "", key: Key = "",  # noqa: FBT002 -- an option
) -> None:  # fmt: skip
    """Show letters by what is wrong: code, source and fingerprint, with counts and an example.

    `cdp dead-letters show LETTER` shows the example; `cdp dead-letters replay --fingerprint …` mends the whole group.
    """
    wanted = selected("", code=code, source=source, since=since, until=until)
    answer = _ask(_door(data_dir, url, key), "/groups", {**wanted, "limit": 200})
    _show(answer, as_json, lambda: results().print(groups_table(answer["data"])))


@dead_letters.command()
def show(
    letter: Annotated[str, typer.Argument(metavar="LETTER", help="Its id, as `list` and `groups` show it.")],
    as_json: Json = False, data_dir: DataDir = None, url: Url = "", key: Key = "",  # noqa: FBT002 -- an option
) -> None:  # fmt: skip
    """Show one letter with the very bytes that came (base64 where they are no text)."""
    answer = _ask(_door(data_dir, url, key), f"/{letter}", {})
    _show(answer, as_json, lambda: _say(letter_lines(answer)))


@dead_letters.command()
def replay(  # noqa: PLR0913, PLR0917 -- one argument an option
    letter: Letter = None, code: Code = "", source: Source = "", fingerprint: Fingerprint = "", event_id: EventId = "",
    since: Since = "", until: Until = "", where: Where = "",
    patch: Patch = "",
    dry_run: DryRun = False, yes: Yes = False,  # noqa: FBT002 -- options
    as_json: Json = False, data_dir: DataDir = None, url: Url = "", key: Key = "",  # noqa: FBT002 -- an option
) -> None:  # fmt: skip
    """Send letters through the log again, as if their channel had sent them mended. Safe to run twice.

    First see what would pass: `cdp dead-letters replay --code invalid_currency --dry-run
    --patch '[{"op": "replace", "path": "/data/currency", "value": "CNY"}]'`, then the same without `--dry-run`.
    After a faulty release no patch is needed. Paths are relative to the event, `/data/lines/0/amount`.

    Exits with 1 if some still fail; each kind is told with code and pointer.
    """
    wanted = selected(
        where, letter, code=code, source=source, fingerprint=fingerprint, event_id=event_id, since=since, until=until
    )
    door, mend = _door(data_dir, url, key), read_patch(patch)
    answers = _replayed(door, wanted, mend, dry_run=True) if dry_run or not yes else []
    if not dry_run and (yes or any(each["passing"] for each in answers)):
        if not yes:
            _say(replay_lines(answers))
            _confirm("Replay?")
        answers = _replayed(door, wanted, mend, dry_run=False)
    if as_json:
        typer.echo(orjson.dumps(answers, option=orjson.OPT_INDENT_2))
    else:
        _say(replay_lines(answers))
    if any(each["failed"] for each in answers):
        raise typer.Exit(_SOME_FAIL)


@dead_letters.command()
def purge(
    older_than_days: OlderThan = None,
    dry_run: DryRun = False, yes: Yes = False,  # noqa: FBT002 -- options
    data_dir: DataDir = None, url: Url = "", key: Key = "",
) -> None:  # fmt: skip
    """Delete letters older than `CDP_DEAD_LETTERS__RETENTION_DAYS`; what was ordered and replayed stays on record.

    Kafka's topic cdp.dead-letters.v1 keeps them by its own retention.ms.
    """
    body = {} if older_than_days is None else {"older_than_days": older_than_days}
    looked = _order(_door(data_dir, url, key), "/purge", {**body, "dry_run": True})
    _say([f"{looked['matched']:,} letters were received before {looked['before']}."])
    if dry_run or not looked["matched"]:
        return
    if not yes:
        _confirm("Delete them?")
    done = _order(_door(data_dir, url, key), "/purge", body)
    _say([f"{done['purged']:,} are deleted."])


@dead_letters.command()
def breaker(as_json: Json = False, data_dir: DataDir = None, url: Url = "", key: Key = "") -> None:  # noqa: FBT002 -- an option
    """Say whether the recorder is held since it refused too much, and what to do. Exits with 3 if it is."""
    answer = _ask(_door(data_dir, url, key), "/breaker", {})
    _show(answer, as_json, lambda: _say(breaker_lines(answer)))
    if answer["state"] != "closed":
        raise typer.Exit(_HELD)


@dead_letters.command()
def resume(
    seconds: Seconds = 0.0,
    data_dir: DataDir = None, url: Url = "", key: Key = "",
) -> None:  # fmt: skip
    """Let a held recorder go on: what was sent up to now and is refused becomes dead letters, however many.

    After a faulty release is mended and restarted this is not needed: the events pass by themselves. What became
    dead letters can be replayed.
    """
    _order(_door(data_dir, url, key), "/breaker:resume", {"seconds": seconds})
    _say(["The recorder goes on. cdp dead-letters groups shows what it could not take."])


@dead_letters.command()
def orders(as_json: Json = False, data_dir: DataDir = None, url: Url = "", key: Key = "") -> None:  # noqa: FBT002 -- an option
    """Show who replayed, purged, or let the recorder go on, and when."""
    answer = _ask(_door(data_dir, url, key), "/orders", {"limit": 50})
    _show(answer, as_json, lambda: _say(order_lines(answer["data"])))


def _door(data_dir: Path | None, url: str, key: str) -> LettersDoor:
    settings = settings_for(data_dir)
    return LettersDoor(url or api_url(settings), key or api_key(settings))


def _ask(door: LettersDoor, path: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    params = {name: str(value) for name, value in asked.items()}
    return _run(door, lambda api: api.get(f"/v1/dead-letters{path}", params))


def _order(door: LettersDoor, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    return _run(door, lambda api: api.order(f"/v1/dead-letters{path}", body))


def _run(door: LettersDoor, act: Callable[[LettersDoor], Awaitable[Mapping[str, Any]]]) -> Mapping[str, Any]:
    async def run() -> Mapping[str, Any]:
        async with door as api:
            return await act(api)

    return asyncio.run(run())


def _replayed(
    door: LettersDoor, wanted: Mapping[str, Any], patch: msgspec.Raw | None, *, dry_run: bool
) -> list[Mapping[str, Any]]:  # fmt: skip
    async def run() -> list[Mapping[str, Any]]:
        async with door as api:
            answers = [each async for each in api.replay(wanted, patch, dry_run=dry_run)]
            if not dry_run and not await api.arrived([each["position"] for each in answers]):
                notes().print("Not all of it is recorded yet; cdp lag tells how far the recorder is.")
            return answers

    return asyncio.run(run())


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise CannotStart("Nobody is there to confirm. Use --yes.")
    typer.confirm(question, abort=True, err=True)


def _show(answer: Mapping[str, Any], as_json: bool, tell: Callable[[], None]) -> None:  # noqa: FBT001 -- of an option
    if as_json:
        typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
    else:
        tell()


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        results().print(escape(line), soft_wrap=True)
