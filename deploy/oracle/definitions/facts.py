"""What a definition looks at: everybody at one moment, and one person of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from hashlib import sha256

from deploy.oracle.definitions.clock import Clock
from deploy.oracle.fold import NOBODY_TRUSTED, SHANGHAI, dossier
from deploy.oracle.model import Json, Logged
from deploy.oracle.orders import Order, orders
from deploy.oracle.owners import Known
from deploy.oracle.rfm import raws, scored, shown, yardsticks
from deploy.oracle.traits import Trusted

Share = Callable[[str, str], Fraction | float]
Library = Mapping[str, Mapping[str, Json]]
EMPTY: Library = {}


def share(salt: str, person: str) -> Fraction:
    """A person's place among 100: 64 bits of SHA-256 over `salt:person`, from 0 to just below 100."""
    bits = int.from_bytes(sha256(f"{salt}:{person}".encode()).digest()[:8], "big")
    return Fraction(100 * bits, 2**64)


@dataclass(frozen=True)
class Terms:
    """What is the same for everybody: currency, zone, other definitions as {"segment": {key: …}, "tag": {key: …}}.

    `share` says at which percent of a sample a person stands, by (salt, root); the platform's ids are not known here.
    """

    currency: str = "CNY"
    zone: str = SHANGHAI
    definitions: Library = field(default_factory=lambda: EMPTY)
    share: Share = share
    trusted: Trusted = field(default_factory=lambda: NOBODY_TRUSTED)


@dataclass(frozen=True)
class World:
    """Everybody, as known at the view's moment."""

    view: Known
    settings: Terms

    @cached_property
    def clock(self) -> Clock:
        """The view's moment."""
        return Clock(self.view.moment, self.settings.zone)

    @cached_property
    def orders(self) -> list[Order]:
        """Everybody's orders."""
        return orders(self.view, self.settings.currency)

    @cached_property
    def rfm(self) -> Mapping[str, Json]:
        """The dossier's section, by root of those who have one."""
        figures = raws(self.view, self.settings.currency)
        sticks = yardsticks(figures.values())
        return {root: shown(scored(raw, sticks), self.settings.currency) for root, raw in figures.items()}

    @cached_property
    def stores(self) -> Mapping[tuple[str, str], str]:
        """Which store each event names, by its key."""
        return {event.key: event.event["store"] for event in self.view.facts if event.event.get("store")}

    def person(self, root: str) -> "Person":
        """One of them."""
        return Person(self, root)

    def everybody(self) -> list["Person"]:
        """The population: every person with a fact."""
        return [self.person(root) for root in self.view.roots()]


@dataclass(frozen=True)
class Person:
    """One person, by root; facts and dossier are made when a definition asks for them."""

    world: World
    root: str

    @property
    def clock(self) -> Clock:
        """The moment the person is looked at."""
        return self.world.clock

    @cached_property
    def events(self) -> list[Logged]:
        """The person's facts in time, links included."""
        return self.world.view.events_of(self.root)

    @cached_property
    def orders(self) -> list[Order]:
        """The orders the person owns, in whatever state."""
        return [order for order in self.world.orders if order.owner == self.root]

    @cached_property
    def dossier(self) -> Json:
        """All sections but tags and segments."""
        settings = self.world.settings
        sections = dossier(self.world.view, self.root, settings.currency, settings.zone, settings.trusted)
        return sections | {"rfm": self.world.rfm.get(self.root)}

    def store_of(self, order: Order) -> str | None:
        """Where the order was made: as the latest of its events says that names a store."""
        stores = self.world.stores
        return next((stores[key] for key in reversed(order.events) if key in stores), None)
