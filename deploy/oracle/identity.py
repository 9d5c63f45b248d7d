"""Who is one person: the identifiers seen together, weighed edge by edge from the oldest to the latest.

Everything is a function of the facts at one moment. Slow on purpose: persons are plain sets that are united.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from typing import Literal, NamedTuple

from deploy.oracle.addresses import rank, type_of
from deploy.oracle.log import VOID, firsts
from deploy.oracle.model import Key, Logged, in_time
from deploy.oracle.phones import is_ones_own

Pair = tuple[str, str]
Place = tuple[datetime, int, int, int]
Rule = Literal["unlinked", "blocked_value", "never_joins", "not_mobile", "shared_value", "too_many_values"]
LINKED, UNLINKED = "customer.linked", "customer.unlinked"
PEOPLE = ("user_id", "member_id", "customer_no")


@dataclass(frozen=True)
class Rules:
    """The contract's limits: people a value may be seen with, values a person may have, who joins nobody."""

    people: Mapping[str, int]
    values: Mapping[str, int]
    other_values: int
    never_join: frozenset[str]
    blocked: frozenset[str]

    def most(self, kind: str) -> int:
        """How many values of a type one person may have."""
        return self.values.get(kind, self.other_values)


CONTRACT = Rules(
    people={"phone": 3, "card_no": 3, "device_id": 10, "email": 3},
    values={"user_id": 1, "member_id": 1, "phone": 5, "email": 5},
    other_values=20,
    never_join=frozenset({"oaid"}),
    blocked=frozenset(),
)


class Refused(NamedTuple):
    """An edge that joined nobody, by which rule, and the event that spoke of it."""

    a: str
    b: str
    rule: Rule
    event: Key


@dataclass(frozen=True)
class People:
    """Everybody at one moment, and the edges refused; an address nobody ever named with others is alone."""

    places: Mapping[str, Place]
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    refused: tuple[Refused, ...] = ()

    def members(self, address: str) -> list[str]:
        """All the identifiers of the person an address belongs to, by (priority, value)."""
        return sorted(self.groups.get(address, {address}), key=rank)

    def root(self, address: str) -> str | None:
        """The person's member that is first in the log as a subject; None: no member ever was one."""
        subjects = [member for member in self.members(address) if member in self.places]
        return min(subjects, key=lambda subject: self.places[subject], default=None)

    def key(self, address: str) -> Place | None:
        """What the person's id is made of: the root's first place in the log."""
        root = self.root(address)
        return None if root is None else self.places[root]


def people(facts: list[Logged], log: Iterable[Logged], rules: Rules = CONTRACT) -> People:
    """Everybody as of these facts; `log` says where each subject stands first."""
    seen = in_time([event for event in facts if len(event.ids) > 1])
    cut = cuts(seen)
    silent = silences(seen, cut, rules)
    groups = {address: frozenset({address}) for event in facts for address in event.ids}
    refused: list[Refused] = []
    for event in seen:
        for pair in combinations(event.ids, 2):
            if not speaks(event, pair, cut):
                continue
            rule = refusal(event, pair, cut, silent) or crowding(event, pair, groups, rules)
            if rule:
                refused.append(Refused(*pair, rule, event.key))
            else:
                unite(pair, groups)
    return People(first_places(log), groups, tuple(refused))


def first_places(log: Iterable[Logged]) -> dict[str, Place]:
    """Where in the log each subject stands first; a fact voided since counts for this, too."""
    found: dict[str, Place] = {}
    for event in firsts(log):
        if event.ids and event.type != VOID:
            found.setdefault(event.ids[0], event.place)
    return found


@dataclass(frozen=True)
class Cut:
    """What links and unlinks say of each pair they name: when it was last parted, and last joined."""

    parted: Mapping[Pair, datetime]
    joined: Mapping[Pair, datetime]

    def holds(self, pair: Pair) -> bool:
        """Whether the pair is apart: it was unlinked, and not linked after that (a tie leaves it apart)."""
        if pair not in self.parted:
            return False
        return pair not in self.joined or self.joined[pair] <= self.parted[pair]


def cuts(seen: list[Logged]) -> Cut:
    """The last word on each pair, by occurred_at; of several the latest."""
    said: dict[str, dict[Pair, datetime]] = {LINKED: {}, UNLINKED: {}}
    for event in seen:
        if event.type in said:
            said[event.type] |= dict.fromkeys(combinations(event.ids, 2), event.occurred_at)
    return Cut(parted=said[UNLINKED], joined=said[LINKED])


def speaks(event: Logged, pair: Pair, cut: Cut) -> bool:
    """Whether the event is weighed for the pair: no unlink is, nor a link that an unlink and a later link followed."""
    if event.type == UNLINKED:
        return False
    overtaken = event.type == LINKED and pair in cut.parted and event.occurred_at <= cut.parted[pair]
    return not overtaken or cut.holds(pair)


def silences(seen: list[Logged], cut: Cut, rules: Rules) -> dict[str, Rule]:
    """The identifiers that join nobody by being seen with them, each with the first rule that says so."""
    addresses = {address for event in seen for address in event.ids}
    crowds = people_of_values(seen, cut, rules)
    found: dict[str, Rule] = {}
    for address in addresses:
        kind, _, value = address.partition(":")
        if address in rules.blocked:
            found[address] = "blocked_value"
        elif kind in rules.never_join:
            found[address] = "never_joins"
        elif kind == "phone" and not is_ones_own(value):
            found[address] = "not_mobile"
        elif kind in rules.people and len(crowds[address]) > rules.people[kind]:
            found[address] = "shared_value"
    return found


def people_of_values(seen: list[Logged], cut: Cut, rules: Rules) -> dict[str, set[str]]:
    """For each identifier the people ever seen with it, those it was parted from left out."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for event in seen:
        if event.type in (LINKED, UNLINKED):
            continue
        persons = [address for address in event.ids if type_of(address) in PEOPLE and address not in rules.blocked]
        for address in event.ids:
            found[address] |= {one for one in persons if one != address and not cut.holds(ordered(one, address))}
    return found


def ordered(a: str, b: str) -> Pair:
    """Two addresses as events list them, so that a pair has one name."""
    first, second = sorted((a, b), key=rank)
    return first, second


ORDER: tuple[Rule, ...] = ("blocked_value", "never_joins", "not_mobile", "shared_value")


def refusal(event: Logged, pair: Pair, cut: Cut, silent: Mapping[str, Rule]) -> Rule | None:
    """Why the pair may not join whatever else is known; a link is above all of it but being cut and blocked values."""
    if cut.holds(pair):
        return "unlinked"
    against = [silent[address] for address in pair if address in silent]
    if event.type == LINKED:
        against = [rule for rule in against if rule == "blocked_value"]
    return min(against, key=ORDER.index, default=None)


def crowding(event: Logged, pair: Pair, groups: Mapping[str, frozenset[str]], rules: Rules) -> Rule | None:
    """Whether two persons that become one would have too many values of a type that both have; a link may."""
    ours, theirs = groups[pair[0]], groups[pair[1]]
    if event.type == LINKED or ours == theirs:
        return None
    for kind in {type_of(address) for address in ours} & {type_of(address) for address in theirs}:
        if sum(type_of(address) == kind for address in ours | theirs) > rules.most(kind):
            return "too_many_values"
    return None


def unite(pair: Pair, groups: dict[str, frozenset[str]]) -> None:
    """Make one person of two."""
    one = groups[pair[0]] | groups[pair[1]]
    groups |= dict.fromkeys(one, one)
