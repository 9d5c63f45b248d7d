"""The command `cdp`. Errors leave it as one sentence on stderr, never as a traceback."""

from __future__ import annotations

import sys

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.markup import escape

from deploy.cli.apply import apply
from deploy.cli.backup import backup, restore
from deploy.cli.bench import bench
from deploy.cli.chaos import chaos
from deploy.cli.console import notes
from deploy.cli.contracts import contracts
from deploy.cli.dead_letters import dead_letters
from deploy.cli.demo import demo
from deploy.cli.doctor import doctor
from deploy.cli.import_file import import_
from deploy.cli.lag import lag
from deploy.cli.load import load
from deploy.cli.match import match
from deploy.cli.plan import plan
from deploy.cli.pull import pull
from deploy.cli.rate_link import rate_link
from deploy.cli.rebuild import rebuild
from deploy.cli.simulate import simulate
from deploy.cli.soak import soak
from deploy.cli.sources import sources
from deploy.cli.status import status
from deploy.cli.up import up
from deploy.cli.verify import verify
from deploy.cli.watch import watch
from deploy.embedded.java import JavaMissing
from deploy.embedded.kafka import FormatFailed
from deploy.embedded.kafka_jars import JarsMissing
from deploy.embedded.lock import AlreadyInUse
from deploy.embedded.supervisor import SupervisorError
from schemas.errors import CdpError

_FAILED = 1
_IN_USE = 2

_EXPECTED = (CdpError, SupervisorError, JavaMissing, JarsMissing, FormatFailed)


def build() -> typer.Typer:
    """The command with all its subcommands."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        help=_HELP,
    )
    for command in (
        demo, up, load, watch, pull, simulate, status, lag, plan, apply, match, verify, rebuild, backup, restore,
        doctor, chaos, soak,
    ):  # fmt: skip
        app.command()(command)
    app.command("import")(import_)
    app.command("rate-link")(rate_link)
    app.add_typer(dead_letters, name="dead-letters")
    app.add_typer(sources, name="sources")
    app.add_typer(contracts, name="contracts")
    app.add_typer(bench, name="bench")
    return app


def main() -> None:
    """Run the command that the arguments name."""
    try:
        build()()
    except AlreadyInUse as error:
        _say(f"{error.args[0]}. Stop that one (cdp status tells its process), or use another --data-dir.")
        sys.exit(_IN_USE)
    except SettingsError as error:
        _say(f"A setting cannot be read: {error}. What is no single value is written as JSON; see .env.example.")
        sys.exit(_FAILED)
    except ValidationError as error:
        _say("\n".join(_setting(each["loc"], each["msg"]) for each in error.errors()))
        sys.exit(_FAILED)
    except _EXPECTED as error:
        _say(str(error))
        sys.exit(_FAILED)


def _say(sentence: str) -> None:
    notes().print(f"[bold red]cdp:[/] {escape(sentence)}", soft_wrap=True)


def _setting(place: tuple[int | str, ...], message: str) -> str:
    name = "__".join(str(part).upper() for part in place)
    reason = message.removeprefix("Value error, ")
    return f"The setting CDP_{name} cannot be used: {reason}. .env.example lists all settings with their meaning."


_HELP = """An open customer data platform on Kafka and ClickHouse.

Start with `cdp demo`: it brings the platform up on this machine, loads 69,659 real purchases and shows what they say.

`cdp up` starts an empty platform; send it events with curl or with `cdp load`. Settings are CDP_… variables, or lines
of a file `.env`; `.env.example` lists them all.
"""

if __name__ == "__main__":
    main()
