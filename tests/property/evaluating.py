"""What the platform says of a recorded history by compiled definitions, and what the oracle says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from deploy.oracle.definitions.clock import time_of
from deploy.oracle.definitions.facts import Library, World, share
from deploy.oracle.definitions.population import members_of, tag_values_of, world
from deploy.oracle.definitions.values import flat
from deploy.oracle.model import By, Json, Logged
from projections.compiler import Explanation, Program, compile_explanation, compile_library
from projections.database import Database, Row
from projections.identity.reading import identities_of
from projections.moments import AsOf
from projections.resolution import Resolution, resolve, resolve_people
from projections.rfm import boundaries, population
from projections.statements import statement
from schemas.definitions import Definition, Ref, parse
from schemas.rfm import Boundaries
from tests.property.answers import as_of
from tests.property.recording import CURRENCY, TERMS
from tests.strategies.customers import ADDRESSES
from tests.strategies.histories import NOW, ORDERS_OF

Pairs = dict[tuple[str, str], str]
"""(root, kind:key) -> JSON text."""


@dataclass(frozen=True)
class View:
    """A moment to look at a history: now as it is kept, or as of any time."""

    at: datetime = NOW
    by: By = "occurred_at"
    kept: bool = False

    @property
    def moment(self) -> AsOf:
        return AsOf(NOW, kept=True) if self.kept else as_of(self.at, self.by)


@dataclass(frozen=True)
class Asked:
    """A recorded history, a view, and definitions: asked of both."""

    database: Database
    log: Sequence[Logged]
    view: View
    library: Library

    @cached_property
    def definitions(self) -> list[Definition]:
        return [
            parse(body, "segment" if kind == "segment" else "tag")
            for kind, some in self.library.items()
            for body in some.values()
        ]

    @cached_property
    def resolution(self) -> Resolution:
        if not self.view.kept:
            return resolve(self.database, ADDRESSES, self.view.moment)
        rows = self.database.rows("SELECT root FROM profiles FINAL WHERE present")
        _, members = identities_of(self.database, [row["root"] for row in rows])
        return resolve_people(self.database, {row["root"]: members[row["root"]] for row in rows}, {}, self.view.moment)

    @cached_property
    def boundaries(self) -> Boundaries:
        found = population(self.database, self.view.moment, CURRENCY, from_facts=not self.view.kept)
        return boundaries(self.database, found)

    @cached_property
    def world(self) -> World:
        """The oracle's, which knows persons by the platform's ids only for their place in a sample."""
        ids = self.resolution.persons
        return world(
            self.log,
            NOW,
            as_of=self.view.at,
            by=self.view.by,
            orders_of=ORDERS_OF,
            definitions=self.library,
            share=lambda salt, root: share(salt, ids[root]),
        )

    def rows(self, made: Program | Explanation) -> dict[str, Row]:
        """What a compiled statement gives, by root."""
        if not self.resolution.persons:
            return {}
        people = (
            "SELECT * FROM profiles FINAL WHERE root IN (SELECT root FROM keys)"
            if self.view.kept
            else statement("fold")
        )
        parameters = made.parameters(self.view.moment, TERMS, self.boundaries)
        found = self.database.rows(made.select(people), parameters, self.resolution.tables())
        return {row["root"]: row for row in found}

    def found(self) -> Pairs:
        """What holds, by the platform."""
        rows = self.rows(compile_library(self.definitions))
        assert set(rows) == set(self.world.view.roots())
        return {(root, ref): value for root, row in rows.items() for ref, value in row["pairs"]}

    def told(self) -> Pairs:
        """The same by the oracle."""
        return dict(self._told())

    def _told(self) -> Iterator[tuple[tuple[str, str], str]]:
        for key, body in self.library["segment"].items():
            yield from (((root, f"segment:{key}"), "true") for root in members_of(self.world, body))
        for key, body in self.library["tag"].items():
            for root, value in tag_values_of(self.world, body).items():
                yield (root, f"tag:{key}"), json.dumps(value, ensure_ascii=False)

    def flips(self, ref: Ref) -> dict[str, datetime | None]:
        """When time alone may change one definition, by root."""
        return {root: row["flips_at"] for root, row in self.rows(compile_library(self.definitions, only=[ref])).items()}

    def explained(self, key: str) -> dict[str, Json]:
        """The tree of a segment, by root."""
        (definition,) = [each for each in self.definitions if each.ref == ("segment", key)]
        made = compile_explanation(definition, self.definitions)
        return {root: made.read(row)[0] for root, row in self.rows(made).items()}


def agrees(ours: Json, oracle: Json, clock: Any) -> bool:
    """Whether two explanations say the same."""
    same = (ours["kind"], ours["holds"]) == (oracle["kind"], oracle["holds"])
    events = [(each["source"], each["event_id"]) for each in ours.get("events", [])]
    orders = [(each["source"], each["order_id"]) for each in ours.get("orders", [])]
    rests = (events, orders) == (oracle.get("events", []), oracle.get("orders", []))
    left, right = ours.get("clauses", []), oracle.get("clauses", [])
    within = len(left) == len(right) and all(agrees(one, other, clock) for one, other in zip(left, right, strict=True))
    return same and rests and within and _alike(ours.get("value"), oracle.get("value"), clock)


def _alike(ours: Any, oracle: Any, clock: Any) -> bool:
    left, right = flat(ours), flat(oracle)
    return len(left) == len(right) and all(map(lambda one, other: _is(one, other, clock), left, right))


def _is(ours: Json, oracle: Any, clock: Any) -> bool:
    if isinstance(oracle, datetime):
        return time_of(ours, clock) == oracle
    if isinstance(oracle, str | bool | Mapping):
        return bool(ours == oracle)
    return abs(Fraction(str(ours)) - Fraction(oracle)) <= abs(Fraction(oracle)) / 10**9
