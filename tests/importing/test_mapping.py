"""Mappings: what is wrong with one is said where it is; the published schema says the same."""

from __future__ import annotations

from typing import Any

import jsonschema
import orjson
import pytest

from schemas.definitions.decoding import decode_yaml
from schemas.export import FOLDER, MAPPING_SCHEMA_FILE
from schemas.mapping import InvalidMapping, parse_mapping, read_mapping
from tests.house.repository import ROOT

EXAMPLES = sorted((ROOT / "deploy/examples").glob("*.yaml"))
SCHEMA = orjson.loads((FOLDER / MAPPING_SCHEMA_FILE).read_bytes())


def mapping(**more: Any) -> dict[str, Any]:
    event = {"type": "order.paid", "occurred_at": "t", "data": {"order_id": "o", "amount": "a"}}
    return {"name": "m", "events": [{**event, **more.pop("event", {})}], **more}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_mappings(path):
    """Each can be read, and the schema accepts it; one with a field more is refused by both."""
    said = decode_yaml(path.read_bytes())
    plain = orjson.loads(orjson.dumps(said, default=str))
    assert parse_mapping(said).files
    jsonschema.Draft202012Validator(SCHEMA).validate(plain)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate({**plain, "evnts": []})
    with pytest.raises(InvalidMapping, match="/evnts: evnts is no field of a mapping; did you mean events"):
        parse_mapping({**said, "evnts": []})


@pytest.mark.parametrize(
    ("said", "pointer", "sentence"),
    [
        ([], "", "should be an object"),
        ({"name": "m"}, "/events", "events is missing"),
        (mapping(event={"type": "order.bought"}), "/events/0/type", "should be a type of event"),
        (mapping(event={"ids": {"fone": "x"}}), "/events/0/ids/fone", "should be one of user_id"),
        (mapping(event={"occurred_at": {"column": "a", "value": "b"}}), "/events/0/occurred_at", "one of column"),
        (mapping(event={"occurred_at": {"file_name": "x"}}), "/events/0/occurred_at/file_name", "one (group)"),
        (mapping(event={"occurred_at": {"column": "a", "zone": "Mars"}}), "/events/0/occurred_at/zone", "time zone"),
        (mapping(event={"data": {"a": "x", "a.b": "y"}}), "/events/0/data/a.b", "not lie within"),
        (mapping(event={"data": {"a": {"column": "x", "over": "sum"}}}), "/events/0/data/a/over", "there is a group"),
        (mapping(where=[{"column": "x", "op": "gt", "value": "z"}]), "/where/0", "should have a number"),
        (mapping(where=[{"column": "x", "op": "in", "value": 1}]), "/where/0", "should have a list"),
        (mapping(where=[{"column": "x", "op": "exists", "value": 1}]), "/where/0", "should have no value"),
        (mapping(changed_rows="new_event"), "/changed_rows", "where there is a key"),
        (mapping(time_zone="Mars"), "/time_zone", "time zone"),
        ({**mapping(), "events": mapping()["events"] * 2}, "/events", "different names"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_is(said, pointer, sentence):
    """A pointer into the mapping, and a sentence."""
    with pytest.raises(InvalidMapping) as caught:
        parse_mapping(said)
    where, why = caught.value.reasons[0]
    assert (where, sentence in why) == (pointer, True), caught.value.reasons


@pytest.mark.parametrize("text", ["name: [", "a: &x 1", "name: a\nname: b\nevents: []", b"\xff"])
def test_what_is_no_plain_yaml_is_refused(text):
    """Broken YAML, anchors, names said twice and bytes that are not UTF-8."""
    with pytest.raises(InvalidMapping):
        read_mapping(text)
