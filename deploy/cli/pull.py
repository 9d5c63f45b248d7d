"""`cdp pull`: orders of a shop platform that does not push them. Its credentials come from the settings only."""

from __future__ import annotations

import asyncio
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from deploy.cli.console import notes
from deploy.cli.options import DataDir, settings_for
from deploy.doors import ingest_url, kafka_address, write_key
from deploy.errors import CannotPull
from deploy.loading.client import Client
from deploy.pulling.checkpoint import Checkpoint
from deploy.pulling.gateway import Gateway
from deploy.pulling.outgoing import Outgoing
from deploy.pulling.pinduoduo import Pinduoduo
from deploy.pulling.platform import ShopApi
from deploy.pulling.pull import Pull
from deploy.pulling.taobao import Taobao
from ingest.channels.shop.facts import Facts
from schemas.errors import InvalidValue
from schemas.logs import configure
from schemas.settings import Settings
from schemas.times import parse_time
from schemas.topics import catalogue


class Platform(StrEnum):
    """A platform that can be pulled."""

    PINDUODUO = "pinduoduo"
    TAOBAO = "taobao"


Which = Annotated[Platform, typer.Argument(help="The platform the shop is on.")]
SourceName = Annotated[str, typer.Option("--source", metavar="NAME", help="The source, as CDP_CHANNELS names it.")]
Once = Annotated[bool, typer.Option("--once", help="End when all up to now is pulled.")]
Interval = Annotated[
    float, typer.Option("--interval", min=1, max=86_400, metavar="SECONDS", help="Time between two looks.")
]
Since = Annotated[
    str,
    typer.Option(
        "--since",
        metavar="TIME",
        help="Pull what changed since then, such as 2026-11-01T00:00:00+08:00, even if it was pulled before. "
        "[default: where the last pull ended, else as far back as the platform knows]",
    ),
]
Url = Annotated[str, typer.Option("--url", help="Ingest, when it is not this machine's.")]


def pull(  # noqa: PLR0913, PLR0917 -- one parameter an option of the command
    platform: Which,
    source: SourceName,
    once: Once = False,  # noqa: FBT002 -- a flag of the command line
    interval: Interval = 60.0,
    since: Since = "",
    data_dir: DataDir = None,
    url: Url = "",
) -> None:
    """Pull a shop's orders and refunds by what changed since the last time, again and again.

    Safe to kill: it goes on where ingest had acknowledged everything; what is pulled twice counts once. Ends by
    itself only when somebody has to do something, such as authorize the shop anew.
    """
    settings = settings_for(data_dir)
    configure(settings.log_level, "pull")
    try:
        asyncio.run(_run(settings, platform, source, url, _since(since), None if once else interval))
    except KeyboardInterrupt:
        notes().print("Stopped. The next pull goes on where this one was.")


async def _run(
    settings: Settings, platform: Platform, source: str, url: str, since: datetime | None, interval: float | None
) -> None:
    api, shop = shop_api(settings, platform, source)
    topic = catalogue(settings.kafka.topic_prefix)["pulls"]
    place = Checkpoint(kafka_address(settings), topic, settings.kafka.replication, f"{api.name}/{source}/{shop}")
    facts = Facts(api.name, api.name, {"shop": shop} if shop else {})
    door = Client(url or ingest_url(settings), write_key(settings, source))
    async with Gateway(api) as gateway, door as ingest, place as kept:
        one = Pull(source, api, facts, gateway, Outgoing(ingest), kept, since)
        await (one.once() if interval is None else one.forever(interval))


def shop_api(settings: Settings, platform: Platform, source: str) -> tuple[ShopApi, str]:
    """The shop that a source is, and which of its application's. Raises CannotPull."""
    said = settings.channels.get(source)
    if said and platform == Platform.PINDUODUO and said.pinduoduo:
        return Pinduoduo(said.pinduoduo), said.pinduoduo.shop
    if said and platform == Platform.TAOBAO and said.taobao:
        return Taobao(said.taobao), said.taobao.shop
    raise CannotPull(
        f"CDP_CHANNELS says nothing of a source {source!r} on {platform}. docs/channels/{platform}.md shows how."
    )


def _since(written: str) -> datetime | None:
    try:
        return parse_time(written).utc if written else None
    except InvalidValue as why:
        raise CannotPull(f"--since {why.message}.") from None
