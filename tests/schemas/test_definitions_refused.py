"""What is refused, and where the pointer points."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.definitions import InvalidDefinition, parse, read_json, read_yaml
from schemas.definitions.limits import MAX_BODY_BYTES
from schemas.definitions.patterns import check_pattern
from schemas.errors import InvalidValue


def compared(op: str, value: Any = None, **what: Any) -> Any:
    """A node that compares; of a trait, if nothing else is said."""
    return {**(what or {"trait": "x"}), "op": op, **({} if value is None else {"value": value})}


def nested(depth: int) -> Any:
    """A condition within so many nodes, itself included."""
    return compared("exists") if depth == 1 else {"not": nested(depth - 1)}


def filtered(op: str, value: Any, field: str = "data.total", event: str = "order.completed") -> Any:
    """An event node with one filter."""
    return {"event": event, "where": [{"field": field, "op": op, "value": value}]}


REGULAR = {"regular": "app.opened", "times": 1, "in": 2, "of": 3, "unit": "day"}
OPENED = {"event": "app.opened"}
WHERE: tuple[tuple[Any, str, str], ...] = (
    ({"foo": 1}, "/where/foo", "is no node"),
    ({"metrics": "x", "op": "eq", "value": 1}, "/where/metrics", "did you mean `metric`?"),
    ({"op": "eq"}, "/where", "needs one of all, any"),
    ({}, "/where", "needs one of"),
    ([], "/where", "should be an object"),
    (None, "/where", "is missing"),
    ({**OPENED, "trait": "x"}, "/where/event", "cannot stand beside `trait`"),
    ({"all": []}, "/where/all", "at least 1"),
    ({"all": {}}, "/where/all", "should be a list"),
    ({"all": [{"any": [{"not": 5}]}]}, "/where/all/0/any/0/not", "should be an object"),
    (nested(13), "/where" + "/not" * 12, "nested 13 nodes deep"),
    ({"all": [compared("exists")] * 300}, "", "has 301 nodes"),
    ({"all": [{"foo": {}}] * 800}, "", "has 1601 objects"),
    ({"all": [compared("matches", "a")] * 21}, "", "has 21 regular expressions"),
    ({"all": [{"sequence": [OPENED] * 10}] * 20}, "", "would cost"),
    (compared("exists", trait=""), "/where/trait", "should"),
    (compared("exists", trait=5), "/where/trait", "should be a string"),
    ({"trait": "x"}, "/where/op", "is missing"),
    (compared("equals", 1), "/where/op", "is no operator"),
    (compared(">=", 1), "/where/op", "did you mean `gte`?"),
    (compared("eq"), "/where/value", "is missing"),
    (compared("exists", 1), "/where/value", "should not be there"),
    (compared("gt", True), "/where/value", "order"),
    (compared("gt", "abc"), "/where/value", "order"),
    (compared("gt", "2026-02-30"), "/where/value", "exists"),
    (compared("gt", "1850-02-20"), "/where/value", "1900"),
    (compared("gt", "2026-02-20T10:00:00"), "/where/value", "offset"),
    (compared("eq", {"a": 1}), "/where/value", "should be a string"),
    (compared("eq", 10**30), "/where/value", "64 bits"),
    (compared("in", []), "/where/value", "list of 1 to 1000"),
    (compared("in", "a"), "/where/value", "list"),
    (compared("in", ["a", []]), "/where/value/1", "should be a string"),
    (compared("contains", 5), "/where/value", "should be a string"),
    (compared("contains", ""), "/where/value", "empty"),
    (compared("between", [3, 1]), "/where/value", "lesser"),
    (compared("between", [1]), "/where/value", "two values"),
    (compared("between", [1, "2026-01-01"]), "/where/value", "one kind"),
    (compared("within_last", "soon"), "/where/value", "duration"),
    (compared("within_last", "0d"), "/where/value", "longer"),
    (compared("within_last", "11000d"), "/where/value", "ten years"),
    (compared("gte", 1, metric="orders.net_amout"), "/where/metric", "did you mean `orders.net_amount`?"),
    (compared("contains", "1", metric="orders.count"), "/where/op", "cannot compare a number"),
    (compared("gt", True, metric="consent.sms.granted"), "/where/op", "cannot compare true or false"),
    (compared("within_last", "3d", metric="orders.count"), "/where/op", "cannot compare"),
    (compared("gt", "a", metric="rfm.class"), "/where/op", "cannot compare text"),
    (compared("eq", "5", metric="orders.count"), "/where/value", "should be a number"),
    (compared("eq", "1.23456", metric="orders.average"), "/where/value", "4 decimals"),
    (compared("eq", "yes", metric="consent.sms.granted"), "/where/value", "true or false"),
    (compared("eq", "2026-01-01", metric="first_seen"), "/where/value", "RFC 3339"),
    (compared("eq", "1-1-2026", metric="derived.birthday"), "/where/value", "date"),
    (compared("eq", "1066-10-14T00:00:00Z", metric="first_seen"), "/where/value", "1900"),
    (compared("eq", False, tag="t"), "/where/value", "true for a tag"),
    (compared("gt", 1, tag="t"), "/where/op", "cannot compare a tag"),
    ({"tag": "No"}, "/where/tag", "should match pattern"),
    ({"segment": "a", "op": "exists"}, "/where/op", "is no field of a segment node"),
    ({"event": "order.complete"}, "/where/event", "did you mean `order.completed`?"),
    ({"event": "shop.*"}, "/where/event", "is no type of events"),
    ({"event": "custom.UP"}, "/where/event", "is no type of events"),
    ({**OPENED, "windw": 1}, "/where/windw", "did you mean `window`?"),
    ({**OPENED, "op": "lt"}, "/where/value", "is missing"),
    ({**OPENED, "op": "contains", "value": "1"}, "/where/op", "cannot compare"),
    ({**OPENED, "window": {"lst": "3d"}}, "/where/window/lst", "did you mean `last`?"),
    ({**OPENED, "window": {}}, "/where/window", "needs one of last"),
    ({**OPENED, "window": "30d"}, "/where/window", "an object, a window"),
    ({**OPENED, "window": {"last": 30}}, "/where/window/last", "duration"),
    ({**OPENED, "window": {"last": "0s"}}, "/where/window/last", "longer"),
    ({**OPENED, "window": {"between_ago": ["1d", "2d"]}}, "/where/window/between_ago", "longer ago"),
    ({**OPENED, "window": {"from": None}}, "/where/window/from", "should be a time"),
    ({**OPENED, "window": {"from": "2026-01-01"}}, "/where/window/from", "RFC 3339"),
    ({**OPENED, "window": {"calendar": "this_wek"}}, "/where/window/calendar", "did you mean `this_week`?"),
    (
        {**OPENED, "window": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}},
        "/where/window/to",
        "later than `from`",
    ),
    (filtered("contains", "1"), "/where/where/0/op", "cannot compare an amount"),
    (filtered("eq", "x"), "/where/where/0/value", "plain decimal"),
    (filtered("eq", 1, "total"), "/where/where/0/field", "did you mean `data.total`?"),
    (filtered("eq", 1, "data..x"), "/where/where/0/field", "is no field of events"),
    (filtered("in", [1, "x"]), "/where/where/0/value/1", "plain decimal"),
    (filtered("eq", 1, "data.lines"), "/where/where/0/op", "cannot compare an object"),
    ({**OPENED, "where": [{"field": "channel"}]}, "/where/where/0/op", "is missing"),
    ({**OPENED, "where": [{"field": "channel", "op": "exists"}] * 51}, "/where/where", "at most 50"),
    ({**OPENED, "measure": {}}, "/where/measure", "exactly one of"),
    ({**OPENED, "measure": {"count": False}}, "/where/measure/count", "should be true"),
    ({**OPENED, "measure": {"median": "x"}}, "/where/measure/median", "is no field of a measure"),
    ({**OPENED, "measure": {"sum": "url"}}, "/where/measure/sum", "is no field of events"),
    ({**OPENED, "measure": {"sum": "data.url"}}, "/where/measure/sum", "field of numbers"),
    ({"event": "order.paid", "measure": {"distinct": "data.lines"}, "value": "x"}, "/where/value", "number"),
    ({"event": "order.placed", "measure": {"distinct": "data.lines"}}, "/where/measure/distinct", "single values"),
    ({"order": "all"}, "/where/order", "should be 'any'"),
    ({"order": "any", "measure": {"sum": "state"}}, "/where/measure/sum", "field of numbers"),
    ({"order": "any", "where": [{"field": "stat", "op": "exists"}]}, "/where/where/0/field", "did you mean `state`?"),
    ({"first_event": "app.opened"}, "/where/has", "is missing"),
    ({"first_event": "app.opened", "has": []}, "/where/has", "at least 1"),
    ({"last_event": "app.opened", "has": [{"field": "nope", "op": "exists"}]}, "/where/has/0/field", "is no field"),
    ({"sequence": [OPENED]}, "/where/sequence", "at least 2"),
    ({"sequence": [{**OPENED, "within": "1d"}, OPENED]}, "/where/sequence/0/within", "the first has none"),
    ({"sequence": [OPENED, {**OPENED, "same": "a.b"}]}, "/where/sequence/1/same", "is no field of events"),
    ({"sequence": [OPENED, {**OPENED, "without": "x"}]}, "/where/sequence/1/without", "is no type of events"),
    ({"sequence": [OPENED, {"event": "x"}]}, "/where/sequence/1/event", "is no type of events"),
    ({**REGULAR, "in": 4}, "/where/in", "at most `of`"),
    ({**REGULAR, "of": 367}, "/where/of", "less than or equal to 366"),
    ({**REGULAR, "of": 200, "unit": "month"}, "/where/of", "ten years"),
    ({**REGULAR, "unit": "days"}, "/where/unit", "did you mean `day`?"),
    ({**REGULAR, "times": "1"}, "/where/times", "whole number"),
    ({"stopped": "app.opened", "earlier": {"last": "1d"}}, "/where/later", "is missing"),
    ({"stopped": "app.opened", "earlier": {"lst": "1d"}, "later": {"last": "1d"}}, "/where/earlier/lst", "no window"),
    ({"sample": {"percent": 101}}, "/where/sample/percent", "at most 100"),
    ({"sample": {"percent": 0.00001}}, "/where/sample/percent", "4 decimals"),
    ({"sample": {"percent": True}}, "/where/sample/percent", "should be a number"),
    (compared("eq", "x" * 1001), "/where/value", "1001 characters"),
    (compared("eq", "a\x00"), "/where/value", "character"),
    (compared("in", ["x"] * 1001), "/where/value", "1001 elements"),
)
BODIES: tuple[tuple[Any, str, str], ...] = (
    ([], "", "should be an object"),
    ({}, "/key", "is missing"),
    ({"key": "a"}, "/where", "is missing"),
    ({"key": "A!", "where": nested(1)}, "/key", "should match pattern"),
    ({"key": "a", "where": nested(1), "wher": 1}, "/wher", "did you mean `where`?"),
    ({"key": "a", "where": nested(1), "a/b~": 1}, "/a~1b~0", "is no field of a segment"),
    ({"key": "a", "where": nested(1), "status": "lve"}, "/status", "did you mean `live`?"),
    ({"key": "a", "where": nested(1), "name": {"fr": "x"}}, "/name/fr", "is no field of a name"),
    ({"key": "a", "where": nested(1), "name": 5}, "/name", "should be an object"),
    ({"key": "a", "where": nested(1), "kind": "list"}, "/kind", "segment or tag"),
    ({"key": "a", "where": nested(1), "kind": "tag", "limit": {"random": 5}}, "/limit", "is no field of a tag"),
    ({"key": "a", "kind": "tag"}, "/where", "or by `tiers` or `value_of` or `manual`"),
    ({"key": "a", "where": nested(1), "static": True}, "/static", "cannot stand beside `where`: a segment has one"),
    ({"key": "a", "static": True, "limit": {"random": 5}}, "/limit", "cannot stand beside `static`"),
    ({"key": "a", "static": "yes"}, "/static", "true or false"),
    ({"key": "a", "static": False}, "/where", "or by `static`"),
    ({"key": "a", "where": nested(1), "manual": True}, "/manual", "cannot stand beside `where`: a tag has one"),
    (
        {"key": "a", "tiers": [{"value": "x", "where": nested(1)}], "value_of": "rfm.class"},
        "/value_of",
        "beside `tiers`",
    ),
    ({"key": "a", "value_of": "rfm.class", "manual": True}, "/manual", "cannot stand beside `value_of`"),
    ({"key": "a", "value_of": "rfm.clas"}, "/value_of", "did you mean `rfm.class`?"),
    ({"key": "a", "value_of": "orders.categories"}, "/value_of", "one text or one number"),
    ({"key": "a", "value_of": "orders.last_at"}, "/value_of", "one text or one number"),
    ({"key": "a", "value_of": {"trait": "city", "op": "exists"}}, "/value_of/op", "is no field of what a tag copies"),
    ({"key": "a", "value_of": {"trait": 5}}, "/value_of/trait", "should be a string"),
    ({"key": "a", "value_of": 5}, "/value_of", "should be an object"),
    ({"key": "a", "manual": True, "static": True}, "/static", "is no field of a tag"),
    ({"key": "a", "tiers": [{"value": "x", "where": nested(1), "name": {"fr": ""}}]}, "/tiers/0/name/fr", "no field"),
    ({"key": "a", "where": nested(1), "tiers": [{"value": "x", "where": nested(1)}]}, "/tiers", "cannot stand beside"),
    ({"key": "a", "tiers": []}, "/tiers", "at least 1"),
    ({"key": "a", "tiers": [{"value": "x", "where": {"nope": 1}}]}, "/tiers/0/where/nope", "is no node"),
    ({"key": "a", "where": nested(1), "limit": {"top": 5, "by": "rfm.class"}}, "/limit/by", "no order"),
    ({"key": "a", "where": nested(1), "limit": {"top": 5}}, "/limit/by", "is missing"),
    ({"key": "a", "where": nested(1), "limit": {"first": 5}}, "/limit/first", "is no limit"),
    ({"key": "a", "where": nested(1), "limit": {"random": True}}, "/limit/random", "whole number"),
    ({"key": "a", "where": float("nan")}, "/where", "is no number"),
    ({"key": "a", "where": {1: 2}}, "/where", "has a name that is not JSON"),
    ({"key": "a", "where": object()}, "/where", "is not JSON"),
    ({"key": "a", "where": 1 << 1100}, "/where", "too large"),
)
TEXTS = (
    ("{", "", "is not JSON"),
    ("[" * 100_000, "", "nested far too deeply"),
    ("[" * 60 + "]" * 60, "/0" * 49, "nested too deeply"),
    ('{"key": NaN}', "", "number"),
    ('{"key": 1e999999999999999999999}', "", "number"),
    ('{"key": 1e400}', "/key", "too large"),
    ('{"key": ' + "1" * 5000 + "}", "", "number"),
    ('{"key": "a", "where": {"trait": "x", "op": "exists", "op": "exists"}}', "/where/op", "is said twice"),
    ('{"key": "\\ud800"}', "/key", "character"),
    (b"\xff", "", "is not UTF-8"),
    ("\ud800", "", "is not UTF-8"),
    (" " * (MAX_BODY_BYTES + 1), "", "bytes"),
)
YAMLS = (
    ("key: [", "", "is not YAML"),
    ("key: a\nkey: b", "/key", "is said twice"),
    ("a: &x [1]\nb: *x", "", "anchor"),
    ("b: *x", "", "anchor"),
    ("key: !!python/object:os.system x", "", "tag"),
    ("key: !mine {}", "", "tag"),
    ("key: a\n---\nkey: b", "", "another document"),
    ("? [a]\n: b", "", "name that is an object or a list"),
    ("", "", "should be an object"),
    ("[" * 5000, "", "is not YAML"),
    ("- " * 900 + "a", "/0" * 49, "nested too deeply"),
)
PATTERNS = (
    r"(?=a)", r"(?<!a)b", r"(a)\1", r"(?P<n>a)(?P=n)", r"(?>a)", r"a**", r"a*+", r"a{2}{3}", r"a{1001}", r"(a{99}){11}",
    r"\u4e00", r"\Z", r"(?x)a", r"\p{Alphabetic}", r"[a--b]", r"[[a]b]", r"[[:foo:]]", r"(", r"\Qa\E", r"\pL{1000}",
)  # fmt: skip


@pytest.mark.parametrize(("where", "pointer", "sentence"), WHERE, ids=lambda each: json.dumps(each)[:60])
def test_a_bad_node_is_refused_where_it_is_bad(where, pointer, sentence):
    """The pointer is relative to the body, the sentence helps."""
    refused(lambda: parse({"key": "a", "where": where}), pointer, sentence)


@pytest.mark.parametrize(("body", "pointer", "sentence"), BODIES, ids=repr)
def test_a_bad_body_is_refused(body, pointer, sentence):
    """Top-level fields too; of a missing one the pointer names it."""
    refused(lambda: parse(body), pointer, sentence)


@pytest.mark.parametrize(("text", "pointer", "sentence"), TEXTS, ids=lambda each: repr(each)[:60])
def test_bad_json_is_refused(text, pointer, sentence):
    """However it is bad."""
    refused(lambda: read_json(text), pointer, sentence)


@pytest.mark.parametrize(("text", "pointer", "sentence"), YAMLS, ids=lambda each: repr(each)[:60])
def test_bad_yaml_is_refused(text, pointer, sentence):
    """So is what YAML can say and JSON cannot."""
    refused(lambda: read_yaml(text), pointer, sentence)


def test_key_and_kind_of_the_address_hold():
    """A body that names others is refused."""
    refused(lambda: parse({"key": "a", "where": nested(1)}, key="b"), "/key", "should be b")
    refused(lambda: parse({"kind": "tag", "where": nested(1)}, kind="segment", key="b"), "/kind", "should be segment")


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_re2_refuses_is_refused(pattern):
    """Lookaround, references back, and what only other engines know."""
    with pytest.raises(InvalidValue):
        check_pattern(pattern)
    refused(lambda: parse({"key": "a", "where": compared("matches", pattern)}), "/where/value", "where.value ")


def refused(read: Any, pointer: str, sentence: str) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        read()
    first = caught.value.refusals[0]
    assert (first.pointer, first.code) == (pointer, "invalid_definition")
    assert sentence in first.message
    assert first.message.endswith((".", "?"))
