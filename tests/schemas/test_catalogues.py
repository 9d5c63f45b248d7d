"""The lists of codes, topics and versions are whole, and the exported files say what the code says."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from schemas import errors
from schemas.bundle import MAX_BUNDLE_BYTES
from schemas.errors import CODES, AlreadyInUse, NotFound, NotYet, Rejected, RequestError, Unavailable, problem
from schemas.export import FOLDER, documents, event_schema
from schemas.topics import ROLES, catalogue
from schemas.upcast import upcast

GOLDENS = Path(__file__).parent / "goldens"
PROBLEM_MEMBERS = {"type", "title", "status", "detail", "instance", "code", "message", "errors", "request_id"}


@pytest.mark.parametrize("code", CODES)
def test_every_code_makes_a_problem(code):
    """RFC 9457 members and ours, for each code of the list."""
    body = problem(code, detail="d", instance="/v1/events", request_id="r", position="p")
    assert set(body) == PROBLEM_MEMBERS | {"position"}
    assert (body["status"], body["type"]) == (CODES[code].status, f"urn:cdp:problem:{code}")
    assert CODES[code].meaning.endswith(".")


def test_every_error_has_a_code_of_the_list():
    """Whatever is raised can be rendered."""
    raised = [
        NotFound("x"),
        NotYet("x"),
        Unavailable("kafka", "x"),
        Unavailable("clickhouse", "x"),
        AlreadyInUse("x"),
    ]
    raised += [Rejected("unreadable", "", "x"), RequestError("bad_cursor", "x")]
    assert all(error.code in CODES and error.status == CODES[error.code].status for error in raised)


def test_the_tree_shows_every_error():
    """The docstring draws all classes there are."""
    classes = [name for name in errors.__all__ if isinstance(getattr(errors, name), type)]
    shown = errors.__doc__ or ""
    assert all(name in shown for name in classes if issubclass(getattr(errors, name), Exception))


def test_the_contracts_codes_are_there():
    """Those that the contract names."""
    assert {"no_identifier", "id_conflict", "not_yet", "processing_failed"} <= set(CODES)


def test_topics_are_the_contracts():
    """Names that channels and tools rely on; the truth is kept for ever, in broker time."""
    topics = catalogue()
    assert tuple(topics) == ROLES
    assert topics["events"].name == "cdp.events.v1"
    assert topics["changes"].name == "cdp.changes.v1"
    assert topics["events"].config["message.timestamp.type"] == "LogAppendTime"
    assert int(topics["events"].config["max.message.bytes"]) >= MAX_BUNDLE_BYTES + 4096
    assert all(
        topics[role].config["retention.ms"] == "-1" for role in ROLES if role not in {"touched", "identity", "rejects"}
    )


def test_a_prefix_sets_topics_apart():
    """Two platforms on one broker share no topic."""
    ours = {topic.name for topic in catalogue("t1-").values()}
    assert ours.isdisjoint(topic.name for topic in catalogue().values())
    assert all(name.startswith("t1-cdp.") for name in ours)


def test_exported_files_are_what_the_code_says():
    """Run `python -m schemas.export` when this fails."""
    assert {path.name: path.read_bytes() for path in FOLDER.iterdir()} == documents()


def test_the_schema_accepts_every_example(example):
    """What the door lets in, the published schema lets in."""
    jsonschema.Draft202012Validator(event_schema()).validate(example)


@pytest.mark.parametrize(
    "change", [{"zzz": 1}, {"type": "nope"}, {"event_id": ""}, {"data": []}, {"ids": {"passport": "1"}}]
)
def test_the_schema_refuses_what_the_door_refuses(examples, refuse, change):
    """The published schema is no wish list."""
    event = {**examples["order.completed"], **change}
    refuse(event)
    assert not jsonschema.Draft202012Validator(event_schema()).is_valid(event)


def test_an_old_event_reads_as_a_new_one(admit):
    """Version 0, as it was once sent, is the golden event of version 1: same data, same content."""
    old, new = ((GOLDENS / name).read_bytes() for name in ("order_v0.json", "order_v0_as_v1.json"))
    assert admit(old, version=0) == admit(new)
    assert json.loads(old) != json.loads(new)


def test_upcasting_leaves_its_argument_alone():
    """Steps make new events."""
    old = {"time": "t", "customer": {}, "data": {"lines": [{"amount": 1}]}}
    before = json.dumps(old)
    assert upcast(old, 0)["occurred_at"] == "t"
    assert json.dumps(old) == before
