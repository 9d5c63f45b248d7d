"""The people of a simulated mall and what they are known by; whose each identifier truly is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random

from schemas.identifiers import normalise_ids

DAYS = 365
"""Times are days since the year began."""
_REISSUED_AFTER = 90
_NUMBERS = 5_000_000
"""So many mobile numbers a mistyped one may be."""
_HANDLE = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(slots=True)
class Truth:
    """Whose an identifier is. What several people use is nobody's, and so is what was mistyped."""

    owner: dict[str, int] = field(default_factory=dict)

    def own(self, kind: str, written: str, person: int, source: str = "mall") -> str:
        """An identifier of one person, by its address."""
        found = address(kind, written, source)
        self.owner[found] = person
        return found


def address(kind: str, written: str, source: str = "mall") -> str:
    """What an identifier is stored as; '' for what the door leaves out."""
    found = normalise_ids({kind: written}, source=source, region="CN")
    return found[0].address if found else ""


@dataclass(slots=True)
class Household:
    """People who live together; some share a phone, some a tablet."""

    phone: str = ""
    device: str = ""


@dataclass(slots=True)
class Person:
    """One customer. What somebody does not have is '' or empty."""

    number: int
    household: Household
    shops: list[int]
    phones: list[tuple[float, str]]
    """Since when, oldest first."""
    members: list[str]
    user: str = ""
    card: str = ""
    customer_no: str = ""
    email: str = ""
    company_email: str = ""
    unionid: str = ""
    devices: list[str] = field(default_factory=list)
    browsers: list[tuple[float, str]] = field(default_factory=list)
    nick: str = ""
    ouid: str = ""

    def phone(self, day: float) -> str:
        """The number that is theirs on a day."""
        return next(phone for since, phone in reversed(self.phones) if since <= day)

    def browser(self, day: float) -> str:
        """What the browser is known by on a day: it forgets."""
        return next((known for since, known in reversed(self.browsers) if since <= day), "")


def population(chance: Random, count: int, shops: int, truth: Truth) -> list[Person]:
    """Everybody, household by household; then the numbers that change hands during the year."""
    people: list[Person] = []
    numbers = (f"13{number:09d}" for number in chance.sample(range(_NUMBERS), min(count * 2, _NUMBERS)))
    while len(people) < count:
        size = min(chance.choices((1, 2, 3, 4), (35, 25, 25, 15))[0], count - len(people))
        household = _household(chance, numbers, len(people)) if size > 1 else Household()
        for _ in range(size):
            number = len(people)
            phone = truth.own("phone", next(numbers), number)
            people.append(_person(chance, Person(number, household, [], [(0.0, phone)], []), shops, truth))
    _change_numbers(chance, people, numbers, truth)
    _hand_devices_on(chance, people, truth)
    for company in range(count // 330):
        for person in chance.sample(people, min(chance.randint(3, 40), count)):
            person.company_email = address("email", f"office@company-{company}.example")
    return people


def _household(chance: Random, numbers: Iterator[str], number: int) -> Household:
    phone = address("phone", next(numbers)) if chance.random() < 0.15 else ""
    return Household(phone, address("device_id", f"home-{number}") if chance.random() < 0.2 else "")


def _person(chance: Random, person: Person, shops: int, truth: Truth) -> Person:
    number = person.number
    own = partial(truth.own, person=number)
    person.shops = chance.sample(range(shops), chance.randint(1, 3))
    if chance.random() < 0.7:
        again = chance.random() < 0.02
        person.members = [own("member_id", f"M{number}{each}") for each in (["", "-2"] if again else [""])]
        person.card = own("card_no", f"6{number:09d}") if chance.random() < 0.35 else ""
    if chance.random() < 0.45:
        person.user = own("user_id", f"u{number}")
        person.devices = [own("device_id", f"d{number}-{each}") for each in range(chance.choice((1, 1, 2)))]
    if chance.random() < 0.1:
        person.customer_no = own("customer_no", f"C{number}")
    if chance.random() < 0.4:
        person.email = own("email", f"someone.{number}@mail.example")
    if chance.random() < 0.7:
        person.unionid = own("wechat_unionid", f"o6_{number}")
    if chance.random() < 0.5:
        days = _forgetting(chance)
        person.browsers = [(day, own("anonymous_id", f"a{number}-{each}")) for each, day in enumerate(days)]
    if chance.random() < 0.3:
        person.nick = address("buyer_nick", f"{chance.choice(_HANDLE)}***{chance.choice(_HANDLE)}", "marketplace")
        person.ouid = own("ouid", f"AAH{number}", source="marketplace")
    return person


def _forgetting(chance: Random) -> Iterator[float]:
    """The days from which a browser is known by another value, often or seldom."""
    day, stays = 0.0, chance.choice((20.0, 60.0, 120.0, 200.0))
    while day < DAYS:
        yield day
        day += chance.expovariate(1 / stays)


def _change_numbers(chance: Random, people: list[Person], numbers: Iterator[str], truth: Truth) -> None:
    """Some people change their number, some twice; a number given up is somebody else's after months."""
    leavers = chance.choices(people, k=len(people) // 10)
    given_up: list[tuple[float, str]] = []
    for day, person in sorted(((chance.uniform(0, DAYS), each) for each in leavers), key=lambda both: both[0]):
        if len(person.phones) == 3:
            continue
        given_up.append((day, person.phone(day)))
        since, phone = given_up[0]
        if day - since >= _REISSUED_AFTER:
            del given_up[0]
            truth.owner.pop(phone, None)
        else:
            phone = truth.own("phone", next(numbers), person.number)
        person.phones.append((day, phone))


def _hand_devices_on(chance: Random, people: list[Person], truth: Truth) -> None:
    """Some devices are sold or handed down: both owners are seen with them, so they are nobody's."""
    users = [person for person in people if person.devices]
    for giver in chance.sample(users, len(users) // 50):
        device = giver.devices[-1]
        chance.choice(users).devices.append(device)
        truth.owner.pop(device, None)
