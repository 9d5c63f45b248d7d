"""The traffic of measurements: what the mixes are made of, and that the load generator tells what a server did."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from itertools import islice

import pytest

from deploy.bench.firing import Firing, Posts, generator
from deploy.bench.mixes import BURST, MIXES, lines, stream
from deploy.bench.volley import LOST, Volley
from deploy.errors import CannotReach
from processors.__main__ import door
from schemas.settings import Settings
from schemas.sources import Source

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = "ingest-17725536"
FAMILY = {"order.completed": "order", "feedback.rated": "feedback"}


@pytest.mark.parametrize("mix", MIXES)
def test_events_of_a_mix_are_what_it_promises(mix):
    """Each is admitted; 90, 8 and 2 of a hundred; 224 bytes on average; customers as it says; ids of the run."""
    raw = list(islice(stream(mix, 1_000_000, 7, RUN, lambda: NOW), 5_000))
    gate = door(Settings(_env_file=None))
    events = [gate.admit(each, Source("bench", None, None), NOW) for each in raw]
    assert Counter(FAMILY.get(each.type, "interaction") for each in events) == {
        "interaction": 4_500, "order": 400, "feedback": 100,
    }  # fmt: skip
    assert [each.event_id for each in events] == [f"{RUN}-{number}" for number in range(5_000)]
    assert len({each.data["order_id"] for each in events if each.type == "order.completed"}) == 400
    assert sum(map(len, raw)) / len(raw) == pytest.approx(224, abs=6)
    burst = BURST if mix == "sessions" else 1
    subjects = [each.subject for each in events]
    whose = subjects[::burst]
    assert subjects == [subject for subject in whose for _ in range(burst)]
    assert len(set(whose)) == len(whose)


def test_the_same_seed_gives_the_same_events():
    """Another gives others, and a run only other ids."""
    made = lambda seed, run: list(islice(stream("sessions", 500, seed, run, lambda: NOW), 200))  # noqa: E731
    assert made(7, "a") == made(7, "a")
    assert made(7, "a") != made(8, "a")
    assert [each.replace(b"b-", b"a-") for each in made(7, "b")] == made(7, "a")


def test_everybody_comes_before_somebody_comes_again():
    """However few customers there are."""
    made = [each.partition(b"member_id")[2][:8] for each in islice(stream("scattered", 100, 7, "run"), 200)]
    assert len(set(made[:100])) == 100
    assert made[:100] == made[100:]


def test_lines_end_with_the_events():
    """The last request has what is left."""
    assert list(lines(iter([b"1", b"2", b"3"]), 2)) == [b"1\n2", b"3"]


class Answering(asyncio.Protocol):
    """A server that answers each request as it is told, in pieces; hangs up instead for None."""

    def __init__(self, statuses):
        self.statuses = statuses
        self.gone = asyncio.Event()

    def connection_lost(self, _error):
        self.gone.set()

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        for _ in range(data.count(b"\r\n\r\n")):
            status = next(self.statuses)
            if status is None:
                self.transport.close()
                return
            self.transport.write(b"HTTP/1.1 %d Said\r\ncontent-le" % status)
            asyncio.get_running_loop().call_soon(self.transport.write, b"ngth: 2\r\n\r\n{}")


async def fired(statuses, connections, count, rate=None):
    told, served = iter(statuses), []

    def serve():
        served.append(Answering(told))
        return served[-1]

    async with await asyncio.get_running_loop().create_server(serve, "127.0.0.1", 0) as server:
        volley = Volley(iter([b"GET / HTTP/1.1\r\n\r\n"] * count), count, rate)
        await volley.connect("127.0.0.1", server.sockets[0].getsockname()[1], connections)
        tally = await volley.fire()
        await asyncio.gather(*(each.gone.wait() for each in served))
        return tally


@pytest.mark.platform
@pytest.mark.parametrize("rate", [None, 500.0])
async def test_every_answer_is_counted(rate):
    """By its status, with a latency each; however it is cut into pieces."""
    tally = await fired([202] * 30 + [503] * 10, 4, 40, rate)
    assert +tally.statuses == {202: 30, 503: 10}
    assert len(tally.latencies) == 40
    assert all(0 < each <= tally.seconds for each in tally.latencies)


@pytest.mark.platform
async def test_what_is_never_answered_is_counted_too():
    """Connections that close take their requests with them; without any left the rest is lost."""
    tally = await fired([202] * 5 + [None] * 3, 3, 20)
    assert +tally.statuses == {202: 5, LOST: 15}
    assert len(tally.latencies) == 5


@pytest.mark.platform
async def test_a_request_that_waits_for_a_connection_is_late():
    """With a rate, latency counts from when a request was due, so whoever stands behind a slow answer is late too."""
    at_once = 1e6
    tally = await fired([202] * 50, 1, 50, at_once)
    assert +tally.statuses == {202: 50}
    assert list(tally.latencies) == sorted(tally.latencies)
    assert tally.latencies[-1] > tally.seconds * 0.9


@pytest.mark.platform
def test_nobody_to_fire_at_is_said():
    """The generator that cannot connect does not leave its maker waiting."""
    posts = Posts("http://127.0.0.1:9", "key", "sessions", 100, 7, "run")
    with pytest.raises(CannotReach), generator(Firing(posts.url, posts, 1, 1)):
        pass
