"""Probes: single events of customers picked by chance, each followed until profile and membership tell of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from random import Random
from typing import Any
from urllib.parse import quote

from deploy.bench.mixed import Mixed
from deploy.bench.scale import Doors, Scale, address_of
from deploy.bench.watching import Seen, Watcher
from deploy.errors import CannotReach
from deploy.loading.client import Client
from projections.database import Database, names
from schemas.times import format_time
from schemas.topics import catalogue

EVENT = "custom.probe"
SEGMENT = "bench_probed"
A_SECOND = 10
_READ_EVERY = 2
"""Of so many probes one is followed to the profile; all are to the membership."""
_READ_SECONDS = "30"
_PERSONS = "SELECT root, person_id FROM profiles WHERE root IN (SELECT name FROM names) LIMIT 1 BY root"


def segment() -> Mixed:
    """Who was probed: entered by the first probe, never left."""
    return Mixed("segment", SEGMENT, {"where": {"event": EVENT}})


def unprobed(scale: Scale) -> Iterator[int]:
    """Customers in an order by chance, each once: a second probe would change no membership."""
    order = list(range(scale.customers))
    Random(scale.seed).shuffle(order)  # noqa: S311 -- made-up data, guards nothing
    return iter(order)


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds from just before an event is sent, of those that were seen; and how many probes there were."""

    profile: Sequence[float] = ()
    membership: Sequence[float] = ()
    sent: int = 0
    unseen: int = 0
    """Refused, or in time neither in the membership nor, where it was followed to it, in the profile."""

    def __add__(self, other: Delays) -> Delays:
        """Both together."""
        return Delays(
            [*self.profile, *other.profile], [*self.membership, *other.membership], self.sent + other.sent,
            self.unseen + other.unseen,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Followed:
    """An event: when it was sent, in Unix seconds, or None when it was refused; seconds to the profile, where seen."""

    sent: float | None
    seconds: float | None = None


async def follow(ingest: Client, api: Client, address: str, event: dict[str, Any], *, read: bool = True) -> Followed:
    """Send a customer's event; with `read`, ask for the profile that has it in."""
    moment, began = time.time(), time.monotonic()
    event["occurred_at"] = format_time(datetime.fromtimestamp(moment, UTC))
    answer = await ingest.ask("POST", "/v1/events", json=event)
    if answer.status != 202:
        return Followed(None)
    if not read:
        return Followed(moment)
    asked = {"after": answer.body["position"], "timeout": _READ_SECONDS}
    found = await api.ask("GET", f"/v1/profiles/{quote(address, safe='')}", params=asked)
    return Followed(moment, time.monotonic() - began if found.status == 200 else None)


@dataclass(slots=True)
class _Probing:
    """One round of probes."""

    ingest: Client
    api: Client
    run: str
    sent: dict[str, float] = field(default_factory=dict)
    """By the customer's address: when, in Unix seconds."""
    profile: list[float] = field(default_factory=list)
    unseen: int = 0

    async def one(self, customer: int, *, read: bool) -> None:
        """Send an event; then perhaps ask for the profile that has it in."""
        address = address_of(customer)
        found = await follow(self.ingest, self.api, address, probe_event(address, self.run), read=read)
        if found.sent is not None:
            self.sent[address] = found.sent
        if found.seconds is not None:
            self.profile.append(found.seconds)
        elif found.sent is None or read:
            self.unseen += 1


async def probe(doors: Doors, database: Database, customers: Iterator[int], seconds: float, late: float) -> Delays:
    """Send probes at an even pace for so long, wait for the last of them at most so many seconds more.

    Raises CannotReach when no customer is left.
    """
    whom = list(islice(customers, round(seconds * A_SECOND) or 1))
    if len(whom) < seconds * A_SECOND:
        raise CannotReach("Every customer has been probed. Measure for less time, or among more facts.")
    topic = catalogue(doors.topic_prefix)["changes"].name
    async with Client(doors.ingest, doors.write_key) as ingest, Client(doors.api, doors.api_key) as api:
        await asyncio.gather(ingest.ask("GET", "/livez"), api.ask("GET", "/livez"))  # connected before the first counts
        probing = _Probing(ingest, api, f"probe-{time.time_ns()}")
        with Watcher(doors.kafka, topic, SEGMENT) as watcher:
            await _pace(probing, whom)
            sent = await asyncio.to_thread(_by_person, database, probing.sent)
            await asyncio.to_thread(watcher.await_entries, sent, late)
    return _delays(probing, sent, watcher.seen)


async def _pace(probing: _Probing, whom: Sequence[int]) -> None:
    began = time.monotonic()
    async with asyncio.TaskGroup() as going:
        for number, customer in enumerate(whom):
            await asyncio.sleep(began + number / A_SECOND - time.monotonic())
            going.create_task(probing.one(customer, read=number % _READ_EVERY == 0))


def _by_person(database: Database, sent: dict[str, float]) -> dict[str, float]:
    """When each person's event was sent."""
    persons = dict(database.tuples(_PERSONS, tables=names(sent)))
    return {persons[address]: moment for address, moment in sent.items()}


def _delays(probing: _Probing, sent: dict[str, float], seen: Seen) -> Delays:
    membership = seen.delays_of_entries(sent)
    return Delays(probing.profile, membership, len(sent), probing.unseen + len(sent) - len(membership))


def probe_event(address: str, run: str, kind: str = EVENT) -> dict[str, Any]:
    """One of a customer, its id the run's own; when it occurs is said as it is sent."""
    name, _, value = address.partition(":")
    return {"event_id": f"{run}-{value}", "type": kind, "ids": {name: value}, "channel": "app", "data": {}}
