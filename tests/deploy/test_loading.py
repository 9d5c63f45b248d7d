"""Loading: files become requests within ingest's limits, and ingest's answers are honoured."""

import asyncio
import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import pytest

from deploy.errors import CannotReach
from deploy.loading.batches import MOST_BYTES, MOST_EVENTS, Line, cut, read_files
from deploy.loading.client import Answer, Client
from deploy.loading.load import Report, load
from schemas.positions import decode, encode


def test_lines_of_files(tmp_path: Path) -> None:
    """Plain and gzipped files give their lines with their places; blank ones are passed over; sizes add up."""
    plain, packed = tmp_path / "a.ndjson", tmp_path / "b.ndjson.gz"
    plain.write_bytes(b'{"a":1}\n\n  {"a":2}')
    packed.write_bytes(gzip.compress(b'{"b":1}\n'))
    lines = list(read_files([plain, packed]))
    assert [(line.json, line.place) for line in lines] == [
        (b'{"a":1}', f"{plain}:1"),
        (b'{"a":2}', f"{plain}:3"),
        (b'{"b":1}', f"{packed}:1"),
    ]
    assert sum(line.size for line in lines) == plain.stat().st_size + packed.stat().st_size


def test_requests_keep_within_limits() -> None:
    """A request ends at a thousand events or two megabytes; a line too large for any goes alone."""
    many = [Line(b"{}", str(n)) for n in range(2 * MOST_EVENTS + 1)]
    assert [len(batch.lines) for batch in cut(many)] == [MOST_EVENTS, MOST_EVENTS, 1]
    large = Line(b" " * (MOST_BYTES + 1), "")
    assert [len(batch.lines) for batch in cut([Line(b"{}", ""), large, Line(b"{}", "")])] == [1, 1, 1]


class FakeIngest(Client):
    """Answers from a list, and keeps what it was sent."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.bodies: list[bytes] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def ask(self, method: str, path: str, *, ndjson: bytes = b"", **_: object) -> Answer:
        assert (method, path) == ("POST", "/v1/events")
        self.bodies.append(ndjson)
        await asyncio.sleep(0)
        return self.answers.pop(0)

    def complaint(self, answer: Answer) -> CannotReach:
        return CannotReach(f"answered {answer.status}")


def loaded(ingest: FakeIngest, count: int) -> Report:
    """What comes of loading so many events."""
    return asyncio.run(load(ingest, cut(Line(b"{}", f"f:{n}") for n in range(count)), lambda *_: None))


def taken(accepted: int, offset: int, *errors: Mapping[str, object]) -> Answer:
    position = encode({"events": {0: offset}})
    return Answer(202, {"accepted": accepted, "rejected": len(errors), "errors": errors, "position": position})


def test_answers_are_added_up() -> None:
    """Counts are summed, positions merged, and an error is told with the place of its line."""
    error = {"event_id": None, "code": "missing_field", "pointer": "/type", "message": "No type."}
    ingest = FakeIngest(taken(MOST_EVENTS - 1, 7, {"index": 999, **error}), taken(4, 6, {"index": 4, **error}))
    report = loaded(ingest, MOST_EVENTS + 5)
    assert [body.count(b"{}") for body in ingest.bodies] == [MOST_EVENTS, 5]
    assert (report.accepted, report.rejected) == (MOST_EVENTS + 3, 2)
    why = "missing_field /type: No type."
    assert report.errors == [("f:999", why), ("f:1004", why)]
    assert decode(report.position) == {"events": {0: 7}}


@pytest.mark.parametrize("status", [0, 429, 503])
def test_waits_when_it_has_to(status: int) -> None:
    """An ingest that is away, busy or without Kafka is asked again with the same events; nothing is counted twice."""
    ingest = FakeIngest(Answer(status, {}, retry_after=0.01), taken(3, 1))
    assert loaded(ingest, 3).accepted == 3
    assert ingest.bodies[0] == ingest.bodies[1]


def test_a_refused_key_ends_it() -> None:
    """A key that is not taken is an error at once, not a retry."""
    ingest = FakeIngest(Answer(401, {}), Answer(401, {}))
    with pytest.raises(CannotReach, match="answered 401"):
        loaded(ingest, 1)
    assert len(ingest.bodies) == 1


def test_a_line_too_large_for_any_request_is_rejected() -> None:
    """It counts as rejected, with its place; the load goes on."""
    report = loaded(FakeIngest(Answer(413, {})), 1)
    assert (report.rejected, report.errors) == (1, [("f:0", "larger than a request may be")])
