"""Rounds of chaos: clients post, something is struck, the dust settles, everything is checked."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from deploy.chaos.arena import Arena
from deploy.chaos.blows import Striker
from deploy.chaos.changes import Messages
from deploy.chaos.channel import Channel, Sent
from deploy.chaos.checking import LIBRARY, Checker, Verdict
from deploy.chaos.dossiers import Terms
from deploy.chaos.history import History
from deploy.chaos.plans import Plan, plans
from deploy.chaos.proxy import Proxy
from deploy.chaos.state import Processes
from deploy.chaos.traffic import SOURCES, Traffic
from deploy.errors import CannotReach
from deploy.loading.client import Client
from deploy.platform import clickhouse_address
from projections.database import Database
from projections.log.admin import LogAdmin
from schemas.positions import encode
from schemas.settings import Settings
from schemas.topics import catalogue

ROUNDS_A_COHORT = 10
"""After so many rounds customers are new ones: the oracle, slow on purpose, looks at some at a time."""
_BATCH = 6
_SETTLED_SECONDS = 120.0
_AGAIN = 0.1


@dataclass(frozen=True, slots=True)
class Scale:
    """How much; the same seed gives the same blows and events, if not the same moments."""

    rounds: int
    seed: int
    rate: int
    """Events a second, all channels together."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round: what befell the platform, and what was found."""

    number: int
    plan: Plan
    events: int
    """How many were acknowledged in it."""
    seconds: float
    """From the blow, while events came in all the time, until the last of them was in the profiles."""
    checked: float
    """How long the checks took."""
    answers_lost: int
    unasked: int
    """How often a process was started again that nobody had struck."""
    verdict: Verdict


@dataclass(slots=True)
class _Fight:
    """What the rounds share."""

    striker: Striker
    channels: Sequence[Channel]
    api: Client
    checker: Checker
    scale: Scale

    async def round(self, number: int, plan: Plan) -> Round:
        """One round."""
        striker, sent = self.striker, self.striker.sent
        before, lost, cohort = sent.count, striker.proxy.lost, number // ROUNDS_A_COHORT
        restarts = Counter(striker.processes.restarts())
        for channel in self.channels:
            channel.cohort = cohort
            channel.resume()
        await striker.flow()
        began = time.monotonic()
        await striker.strike(plan)
        await striker.processes.ready()
        await striker.flow()
        await asyncio.gather(*(channel.rest() for channel in self.channels))
        await self.settle()
        settled = time.monotonic()
        verdict = await asyncio.to_thread(self.checker.check, sent, cohort)
        return Round(
            number + 1,
            plan,
            sent.count - before,
            settled - began,
            time.monotonic() - settled,
            striker.proxy.lost - lost,
            (Counter(striker.processes.restarts()) - restarts - Counter(plan.restarts)).total(),
            verdict,
        )

    async def settle(self) -> None:
        """Return when all that is in the log is in the profiles. Raises CannotReach when that never comes."""
        position, deadline = await asyncio.to_thread(self._ends), time.monotonic() + _SETTLED_SECONDS
        params = {"after": position, "timeout": "30"}
        while (await self.api.ask("GET", "/v1/rfm", params=params)).status != 200:
            if time.monotonic() > deadline:
                raise CannotReach(f"Not within {_SETTLED_SECONDS:g} s: what is in the log is in the profiles.")
            await asyncio.sleep(_AGAIN)

    def _ends(self) -> str:
        """The position behind everything."""
        topics = self.checker.topics
        ends = self.checker.admin.end_offsets([topics["events"].name, topics["dead_letters"].name])
        roles = {topics[role].name: role for role in ("events", "dead_letters")}
        position: dict[str, dict[int, int]] = {role: {} for role in roles.values()}
        for (topic, partition), end in ends.items():
            if end:
                position[roles[topic]][partition] = end - 1
        return encode(position)


async def fight(arena: Arena, settings: Settings, directory: Path, scale: Scale, told: Callable[[Round], None]) -> None:
    """All rounds; stops after one that finds anything wrong. Raises CannotReach, Unavailable."""
    async with _prepared(arena, settings, directory, scale) as ready:
        await _define(ready.api)
        for number, plan in enumerate(islice(plans(scale.seed), scale.rounds)):
            found = await ready.round(number, plan)
            told(found)
            if not found.verdict.is_good:
                return


@asynccontextmanager
async def _prepared(arena: Arena, settings: Settings, directory: Path, scale: Scale) -> AsyncIterator[_Fight]:
    addresses, keys = arena.platform.addresses, arena.platform.keys
    server = urlsplit(addresses.clickhouse)
    proxy = Proxy(server.hostname or "", server.port or 0, Random(scale.seed))  # noqa: S311 -- guards nothing
    sent, pause = Sent(), _BATCH * len(SOURCES) / scale.rate
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(proxy.listening(arena.proxy_port))
        api = await stack.enter_async_context(Client(addresses.api, keys.api_key))
        channels = []
        for source in SOURCES:
            client = await stack.enter_async_context(Client(addresses.ingest, keys.write_keys[source]))
            channels.append(Channel(source, client, Traffic(source, scale.seed), sent, pause))
        checker = stack.enter_context(closing(_checker(arena, settings)))
        members = lambda: len(checker.admin.group_members("cdp-processors"))  # noqa: E731
        striker = Striker(Processes(directory), proxy, arena.faults, sent, channels[0], arena.worker, members)
        async with asyncio.TaskGroup() as sending:
            running = [sending.create_task(channel.run(_BATCH)) for channel in channels]
            yield _Fight(striker, channels, api, checker, scale)
            for task in running:
                task.cancel()


def _checker(arena: Arena, settings: Settings) -> Checker:
    kafka, topics = arena.platform.addresses.kafka, dict(catalogue(settings.kafka.topic_prefix))
    return Checker(
        Database(clickhouse_address(settings, arena.platform.addresses.clickhouse)),
        LogAdmin(kafka, client_id="cdp-chaos"),
        topics,
        Terms(settings.currency, settings.time_zone, settings.region),
        History(kafka, topics["events"].name),
        Messages(kafka, topics["changes"].name),
    )


async def _define(api: Client) -> None:
    for kind, some in LIBRARY.items():
        for key, body in some.items():
            answer = await api.ask("PUT", f"/v1/{kind}s/{key}", json=body)
            if answer.status not in (200, 201, 202):
                raise api.complaint(answer)
