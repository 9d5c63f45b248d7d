"""A year of a mall: which identifiers its events name together, at tills, on tablets, in apps, on marketplaces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from deploy.simulation.people import DAYS, Person, Truth, address, population
from projections.identity.weighing import Sighting
from schemas.identifiers import PRIORITY

_NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
_PEOPLE_A_SHOP = 830
_EVENTS_A_PERSON = 14
_PLACEHOLDERS = ("0", "00000000000", "unknown", "无", "13800138000", "13888888888")
"""What is typed when nobody gives a number: the door knows the first four."""

Advance = Callable[[int], None]


@dataclass(slots=True)
class Mall:
    """The truth, and what was seen of it."""

    chance: Random
    truth: Truth
    people: list[Person]
    shops: int
    events: int = 0
    _seen: dict[tuple[str, ...], tuple[datetime, str, str]] = field(default_factory=dict)

    @property
    def sightings(self) -> list[Sighting]:
        """What was named together, each set once as of its earliest event, oldest first."""
        rows = sorted((at, ids) for ids, at in self._seen.items())
        return [Sighting(at, "seen", ids, number) for number, (at, ids) in enumerate(rows)]

    def event(self, day: float, source: str, named: Iterable[str]) -> None:
        """One event names these; what the door leaves out is ''."""
        self.events += 1
        ids = tuple(sorted({each for each in named if each}, key=_rank))
        if len(ids) > 1:
            moment = (_NEW_YEAR + timedelta(days=day), f"{source}-{self.events}", source)
            self._seen[ids] = min(moment, self._seen.get(ids, moment))


def simulate(count: int, seed: int, advance: Advance = lambda _: None) -> Mall:
    """One year of so many people. The same seed gives the same year."""
    chance, truth = Random(seed), Truth()  # noqa: S311 -- chance guards nothing here
    shops = max(3, count // _PEOPLE_A_SHOP)
    mall = Mall(chance, truth, population(chance, count, shops, truth), shops)
    for person in mall.people:
        for _ in range(min(100, 1 + int(chance.expovariate(1 / _EVENTS_A_PERSON)))):
            activity = chance.choices(_ACTIVITIES, _WEIGHTS)[0]
            activity(mall, person, chance.uniform(0, DAYS), chance.choice(person.shops))
        advance(1)
    _open_cards_for_strangers(mall)
    return mall


def _till(mall: Mall, person: Person, day: float, shop: int) -> None:
    """A purchase: the card is shown, or a number is told and typed."""
    chance = mall.chance
    named = [person.card if chance.random() < 0.4 else "", person.customer_no]
    if person.members and chance.random() < 0.85:
        named.append(chance.choice(person.members))
    if chance.random() < 0.7:
        named.append(_typed_phone(mall, person, day, shop))
    mall.event(day, f"pos-{shop}", named)


def _typed_phone(mall: Mall, person: Person, day: float, shop: int) -> str:
    """A number as it is typed at a till: mostly the customer's."""
    chance, phone = mall.chance, person.phone(day)
    luck = chance.random()
    if luck < 0.010:
        return address("phone", f"021 6{shop:07d}")
    if luck < 0.018:
        return address("phone", chance.choice(_PLACEHOLDERS))
    if luck < 0.024:
        place = chance.randrange(4, 11)
        digits = phone.rpartition("+86")[2]
        return address("phone", digits[:place] + str(chance.randrange(10)) + digits[place + 1 :])
    if person.household.phone and chance.random() < 0.3:
        return person.household.phone
    return phone


def _tablet(mall: Mall, person: Person, day: float, shop: int) -> None:
    """The tablet at the counter, on which everybody joins."""
    named = [address("device_id", f"tablet-{shop}"), *person.members[:1]]
    mall.event(day, f"tablet-{shop}", [*named, person.phone(day) if mall.chance.random() < 0.6 else ""])


def _app(mall: Mall, person: Person, day: float, shop: int) -> None:
    """The app: on the own device, the tablet at home, now and then a friend's device."""
    chance = mall.chance
    if not person.devices:
        return _mini_program(mall, person, day, shop)
    device, luck = chance.choice(person.devices), chance.random()
    if luck < 0.01:
        device = next(iter(chance.choice(mall.people).devices), device)
    elif luck < 0.2 and person.household.device:
        device = person.household.device
    oaid = address("oaid", f"{device}-{int(day // 7)}", "app")
    named = [person.user if chance.random() < 0.8 else "", person.phone(day) if chance.random() < 0.15 else ""]
    return mall.event(day, "app", [*named, device, oaid])


def _web(mall: Mall, person: Person, day: float, _: int) -> None:
    """The web shop: a browser, and whatever its user signs in with."""
    signed_in = [each for each in (person.user, person.email, person.phone(day)) if each]
    mall.event(day, "web", [person.browser(day), mall.chance.choice(signed_in)])


def _mini_program(mall: Mall, person: Person, day: float, shop: int) -> None:
    """A shop's mini program: an openid of that shop, mostly with the unionid, sometimes with phone or card."""
    chance = mall.chance
    if not person.unionid:
        return _till(mall, person, day, shop)
    openid = mall.truth.own("wechat_openid", f"o{person.number}", person.number, f"shop-{shop}")
    named = [openid, person.unionid if chance.random() < 0.8 else ""]
    named += person.members[:1] if chance.random() < 0.3 else []
    return mall.event(day, f"shop-{shop}", [*named, person.phone(day) if chance.random() < 0.35 else ""])


def _marketplace(mall: Mall, person: Person, day: float, _: int) -> None:
    """An order elsewhere: a masked nick, an id of the shop's, sometimes a number to deliver to."""
    if person.ouid:
        phone = person.phone(day) if mall.chance.random() < 0.3 else ""
        mall.event(day, "marketplace", [person.nick, person.ouid, phone])


def _letter(mall: Mall, person: Person, day: float, shop: int) -> None:
    """E-mail given with card or number: the own one, or that of the office."""
    email = person.company_email if mall.chance.random() < 0.5 else person.email
    mall.event(day, f"pos-{shop}", [email or person.email, *(person.members[:1] or [person.phone(day)])])


_ACTIVITIES = (_till, _tablet, _app, _web, _mini_program, _marketplace, _letter)
_WEIGHTS = (34, 3, 22, 14, 15, 6, 6)


def _open_cards_for_strangers(mall: Mall) -> None:
    """At each shop somebody opens cards for customers who tell no number, with the own phone: once, or all year."""
    chance = mall.chance
    holders = [person for person in mall.people if person.members]
    for shop in range(mall.shops):
        clerk = chance.choice(mall.people)
        for customer in _some(chance, holders):
            day = chance.uniform(0, DAYS)
            mall.event(day, f"pos-{shop}", [customer.members[0], clerk.phone(day)])


def _some(chance: Random, people: list[Person]) -> Iterator[Person]:
    yield from chance.sample(people, min(len(people), chance.choice((1, 2, 5, 10, 30))))


def _rank(identifier: str) -> tuple[int, str]:
    kind, _, value = identifier.partition(":")
    return PRIORITY[kind], value
