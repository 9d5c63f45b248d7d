"""Whether dossiers say what the log says: a sample, told by the oracle, compared with what the API answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from deploy.attaching import Attached
from deploy.oracle.fold import dossier
from deploy.oracle.identity import CONTRACT, Rules
from deploy.oracle.model import Json, Logged
from deploy.oracle.owners import known
from deploy.verifying.finding import Finding
from deploy.verifying.log import Line
from deploy.verifying.neighbourhoods import Neighbourhood, Neighbourhoods
from projections.database import Database
from projections.places import Place, person_id
from schemas.errors import Rejected
from schemas.gates import ContractGate
from schemas.identity import DEFAULT_RULES, IdentityRules
from schemas.sources import Source

_SAMPLED = """
SELECT root, person_id, members FROM profiles FINAL
WHERE present = 1
ORDER BY cityHash64(root, {seed:UInt64})
LIMIT {most:UInt32}
"""


class Asks(Protocol):
    """What answers questions about customers."""

    def __call__(self, address: str) -> Json | None:
        """The dossier of an identifier's person, with everything in it that is in the log by now; None for nobody."""
        ...


@dataclass(frozen=True, slots=True)
class Sampled:
    """One customer to look at."""

    root: str
    person_id: str
    members: tuple[str, ...]


def sample(database: Database, most: int, seed: int) -> dict[str, Sampled]:
    """Some customers by root, others for another seed."""
    rows = database.tuples(_SAMPLED, {"most": most, "seed": seed})
    return {root: Sampled(root, person, tuple(members)) for root, person, members in rows}


def admitted(attached: Attached) -> Callable[[Line], Logged | None]:
    """Reads an event as the oracle takes it; None for one that the door refuses."""
    with attached.watching() as watch:
        register = watch.renewed([])
    gate = ContractGate(attached.door, register.contract_at)

    def read(line: Line) -> Logged | None:
        record = line.record
        source = register.source_at(line.source, record.appended_at)
        if source is None or line.event is None or source.namespace:
            return None
        try:
            gate.admit(line.raw, source, record.appended_at)
        except Rejected:
            return None
        return Logged(line.source, dict(line.event), *line.at, record.appended_at)

    return read


def oracle_rules(rules: IdentityRules) -> Rules | None:
    """The rules as the oracle knows them; None when it does not know some of what they say."""
    if rules == DEFAULT_RULES:
        return CONTRACT
    is_told = rules.mobile_phones_only and rules.people_types == DEFAULT_RULES.people_types
    if not is_told or any("*" in pattern for pattern in rules.blocked):
        return None
    values = {str(kind): count for kind, count in rules.values_per_person.items()}
    people = {str(kind): count for kind, count in rules.people_per_value.items()}
    return Rules(
        people,
        values,
        rules.values_per_person_otherwise,
        frozenset(map(str, rules.never_join)),
        frozenset(rules.blocked),
    )


@dataclass(frozen=True, slots=True)
class Comparing:
    """Compares customers with what the oracle says of their part of the log."""

    attached: Attached
    rules: Rules
    clock: Callable[[], datetime]
    ask: Asks

    def differing(self, found: Neighbourhoods, customers: Mapping[str, Sampled]) -> dict[str, list[str]]:
        """By root, which parts of the dossier are not what the log says; none where all is the same."""
        wrong: dict[str, list[str]] = {}
        for one in found.all:
            mine = [customers[root] for root in one.roots if root in customers]
            if mine and not one.is_too_large:
                wrong |= self._of(found.log_of(one), mine)
        return wrong

    def _of(self, log: list[Logged], customers: list[Sampled]) -> dict[str, list[str]]:
        terms, now = self.attached.terms, self.clock()
        orders_of = {name: source.orders_of for name, source in self.attached.sources.items() if source.orders_of}
        view = known(log, now, "occurred_at", orders_of, self.rules)
        everybody = set(view.roots())
        wrong = {}
        for each in customers:
            root = view.people.root(each.root)
            told = dossier(view, root, terms.currency, terms.zone, terms.trait_sources) if root in everybody else None
            if told is not None and root is not None:
                told = {"person_id": _id_of(view.people.places[root]), **told}
            if differs := _different(told, self.ask(each.root)):
                wrong[each.root] = differs
        return wrong


def tell(found: Finding, customers: Mapping[str, Sampled], wrong: Mapping[str, list[str]]) -> None:
    """Whose dossier is wrong, by the id of the person: an address would be personal."""
    for root, parts in wrong.items():
        found.wrong(f"the dossier of person {customers[root].person_id} is not what the log says: {', '.join(parts)}")


def too_large(found: Neighbourhoods) -> list[Neighbourhood]:
    """Those that are connected with too much to be told once more in plain Python."""
    return [each for each in found.all if each.is_too_large]


def _id_of(place: tuple[datetime, int, int, int]) -> str:
    return person_id(Place(*place))


def _different(told: Json | None, answered: Json | None) -> list[str]:
    if told is None or answered is None:
        return [] if told is answered else ["somebody or nobody"]
    plain: dict[str, Any] = json.loads(json.dumps(told))
    return sorted(
        f"{name}.{part}" if part else name
        for name, value in plain.items()
        if value != answered.get(name)
        for part in _parts(value, answered.get(name))
    )


def _parts(value: object, other: object) -> list[str]:
    """Which members of an object differ: names of ours, but of traits and purposes, which may say something."""
    if not isinstance(value, dict) or not isinstance(other, dict):
        return [""]
    names = [name for name in value.keys() | other.keys() if value.get(name) != other.get(name)]
    return names if all(name.isidentifier() for name in names) else [""]


def sources_apart(sources: Mapping[str, Source]) -> bool:
    """Whether some source has a name space of its own, which the oracle does not know."""
    return any(source.namespace for source in sources.values())
