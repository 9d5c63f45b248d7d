"""`cdp rate-link`: makes links by which customers give a score with one click."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.markup import escape

from deploy.cli.console import notes, results
from deploy.cli.options import DataDir, settings_for
from deploy.doors import ingest_url, link_secret
from schemas.definitions.durations import parse_span
from schemas.errors import InvalidValue
from schemas.events.service import SCALES
from schemas.identifiers import PRIORITY
from schemas.rate_links import RateLink, sign, signing_key

_PERSONAL = {"phone", "email"}

Customer = Annotated[
    str, typer.Argument(metavar="TYPE:VALUE", help="Whose score it is, such as user_id:42. The link can be read.")
]
Scale = Annotated[str, typer.Option("--scale", help=f"One of {', '.join(SCALES)}.")]
Score = Annotated[int | None, typer.Option("--score", help="One score only; else a link for each of the scale.")]
Order = Annotated[str, typer.Option("--order", help="The order it is about.")]
Sku = Annotated[str, typer.Option("--sku", help="The article it is about.")]
Store = Annotated[str, typer.Option("--store", help="The store it is about.")]
Agent = Annotated[str, typer.Option("--agent", help="The agent of the service it is about.")]
Campaign = Annotated[str, typer.Option("--campaign", help="Tells two surveys about the same thing apart.")]
Valid = Annotated[str, typer.Option("--valid", help="For how long the link is taken, such as 30d.")]
SourceName = Annotated[str, typer.Option("--source", metavar="NAME", help="The source its events are of.")]
Url = Annotated[str, typer.Option("--url", help="Ingest as customers reach it, such as https://cdp.example.com.")]


def rate_link(  # noqa: PLR0913, PLR0917 -- each is an option of the command
    customer: Customer,
    scale: Scale = "nps",
    score: Score = None,
    order: Order = "",
    sku: Sku = "",
    store: Store = "",
    agent: Agent = "",
    campaign: Campaign = "",
    valid: Valid = "30d",
    source: SourceName = "default",
    url: Url = "",
    data_dir: DataDir = None,
) -> None:
    """Make signed links for a CSAT, NPS or star rating: one line a score, the score first.

    Put them into a message. Of several clicks on one question the first stands.
    """
    settings = settings_for(data_dir)
    kind, value = _customer(customer)
    key, door = signing_key(link_secret(settings)), (url or ingest_url(settings)).rstrip("/")
    about = {"order_id": order, "sku": sku, "store": store, "agent": agent}
    for each in _scores(scale, score):
        link = RateLink.model_validate(
            {
                "source": source,
                "ids": {kind: value},
                "scale": scale,
                "score": each,
                "expires": int(time.time() + _span(valid)),
                "about": {name: said for name, said in about.items() if said},
                "campaign": campaign or None,
            }
        )
        results().print(f"{each} {escape(f'{door}/v1/rate/{sign(link, key)}')}", soft_wrap=True, highlight=False)
    if kind in _PERSONAL:
        notes().print(f"These links hold the customer's {kind}, readable: name the customer by a number where you can.")


def _customer(address: str) -> tuple[str, str]:
    kind, _, value = address.partition(":")
    if kind not in PRIORITY or not value:
        raise typer.BadParameter(f"A customer is TYPE:VALUE with one of the types {', '.join(PRIORITY)}.")
    return kind, value


def _scores(scale: str, score: int | None) -> range:
    if scale not in SCALES:
        raise typer.BadParameter(f"--scale is one of {', '.join(SCALES)}.")
    least, most = SCALES[scale]
    if score is not None and not least <= score <= most:
        raise typer.BadParameter(f"A score of {scale} is from {least} to {most}.")
    return range(least, most + 1) if score is None else range(score, score + 1)


def _span(valid: str) -> float:
    try:
        return parse_span(valid).total_seconds()
    except InvalidValue as why:
        raise typer.BadParameter(f"--valid {why.message}.") from None
