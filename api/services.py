"""What the routes work with, put together once by the entry point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request

from api.addresses import AddressBook
from api.boundaries import BoundaryKeeper
from api.controlling import ControlWriter
from api.deciding import Desk
from api.declared import DeclaredSources
from api.defining import DefinitionDesk
from api.freshness import Freshness
from api.in_force import InForce
from api.keys import ApiKeys, Scope
from api.letter_orders import LetterOrders
from api.looking import LagReader
from api.parameters import Awaited
from api.publishing import EventWriter
from api.relinking import Relinker
from api.replaying import Replayer
from api.source_desk import SourceDesk
from api.stages import Stages
from api.unread import Unread
from api.waiting import wait_for
from projections.database import Database
from projections.profiles import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a route may need."""

    database: Database
    terms: Terms
    keys: ApiKeys
    book: AddressBook
    boundaries: BoundaryKeeper
    stages: Stages
    freshness: Freshness
    lag: LagReader
    writer: EventWriter
    controls: ControlWriter
    relinker: Relinker
    replayer: Replayer
    letter_orders: LetterOrders
    unread: Unread
    desk: Desk
    in_force: InForce
    definitions: DefinitionDesk
    declared: DeclaredSources
    sources: SourceDesk

    @property
    def currency(self) -> str:
        """The platform's currency."""
        return self.terms.currency

    async def arrived(self, after: Awaited) -> None:
        """Wait for what the caller wants included."""
        await wait_for(self.stages, after)

    async def fresh(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer with its freshness."""
        return {**answer, "freshness": await self.freshness.shown()}


def services(request: Request) -> Services:
    """The services of the app that answers."""
    found: Services = request.app.state.services
    return found


Platform = Annotated[Services, Depends(services)]


def requires(scope: Scope) -> Any:
    """A dependency that lets only keys with this scope pass; it gives the key's name."""

    def check(platform: Platform, authorization: Annotated[str | None, Header()] = None) -> str:
        return platform.keys.require(authorization, scope).name

    return Depends(check)
