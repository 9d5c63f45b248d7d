"""Laws of the door: whatever is posted, the answer is a documented one and every event is accounted for."""

from __future__ import annotations

import gzip

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from ingest.items import split
from schemas.dead_letter import decode
from schemas.errors import RequestError
from schemas.topics import catalogue
from tests.ingest.events import viewed
from tests.ingest.fakes import FakeLog, Start

TYPES = st.sampled_from(["application/json", "application/x-ndjson", "text/plain", ""])
ENCODINGS = st.sampled_from(["", "gzip", "identity", "br"])
MARKS = (b"{", b"}", b"[", b"]", b",", b":", b"\n", b" ", b"\\", b"\x00", b"\xef\xbb\xbf")
WORDS = (b'"events"', b'"type"', b'"\\ud800"', b'"\xff"', b"1e999", b"null")
SCRAPS = st.sampled_from((*MARKS, *WORDS, orjson.dumps(viewed()), orjson.dumps([viewed(), {}])))
BODIES = st.binary(max_size=300) | st.lists(SCRAPS, max_size=12).map(b"".join)
DOCUMENTED = {202, 400, 401, 413, 415, 422, 429, 500, 503}

_relaxed = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def posting(start: Start) -> TestClient:
    """Give one ingest for all examples."""
    return start()


@_relaxed
@given(body=BODIES, kind=TYPES, encoding=ENCODINGS, pack=st.booleans())
def test_every_body_gets_a_documented_answer(
    posting: TestClient, log: FakeLog, body: bytes, kind: str, encoding: str, pack: bool
) -> None:
    """And accepted + rejected are all its events, each in the log or in the dead letters."""
    log.records.clear()
    sent = gzip.compress(body) if pack and encoding == "gzip" else body
    answer = posting.post("/v1/events", content=sent, headers={"Content-Type": kind, "Content-Encoding": encoding})
    assert answer.status_code in DOCUMENTED - {500, 503}
    if answer.status_code in (202, 422):
        said = answer.json()
        assert said["accepted"] + said["rejected"] == len(split(body, kind))
        assert said["rejected"] == len(said["errors"])
        assert len(log.values(catalogue()["events"].name)) == said["accepted"]
        assert len(log.values(catalogue()["dead_letters"].name)) == said["rejected"]
    else:
        assert log.records == []
        assert answer.headers["Content-Type"] == "application/problem+json"


@_relaxed
@given(body=BODIES)
def test_splitting_keeps_or_refuses(body: bytes) -> None:
    """Splitting JSON raises nothing but RequestError, and every part stands in the body as it is."""
    try:
        parts = split(body, "application/json")
    except RequestError:
        return
    assert all(part in body for part in parts)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    st.lists,
    max_leaves=8,
)


@_relaxed
@given(values=st.lists(VALUES, min_size=1, max_size=20), indent=st.sampled_from([None, orjson.OPT_INDENT_2]))
def test_an_array_splits_into_its_elements(values: list[object], indent: int | None) -> None:
    """One part an element, in order."""
    parts = split(orjson.dumps(values, option=indent), "application/json")
    assert [orjson.loads(part) for part in parts] == values


@_relaxed
@given(body=st.lists(SCRAPS, max_size=6).map(b"".join))
def test_a_dead_letter_gives_back_the_very_bytes(posting: TestClient, log: FakeLog, body: bytes) -> None:
    """What was refused can be read as it came, be it text or not."""
    log.records.clear()
    posting.post("/v1/events", content=body, headers={"Content-Type": "application/x-ndjson"})
    letters = [decode(line) for line in log.values(catalogue()["dead_letters"].name)]
    lines = split(body, "application/x-ndjson") if letters else []
    assert all(letter.original == lines[letter.index] for letter in letters)
