"""The language of segments and tags: what the contract shows reads, one meaning has one spelling, YAML is JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from schemas.definitions import (
    InvalidDefinition,
    canonical,
    check_graph,
    content_hash,
    cost,
    definition_schema,
    parse,
    read_json,
    read_yaml,
    references,
    walk,
)
from schemas.definitions.comparing import NODE_KEYS
from schemas.definitions.fields import event_field, types_of
from schemas.definitions.metrics import METRICS, metric
from schemas.definitions.operators import OPERATORS, Typed
from schemas.errors import InvalidValue

LOYAL = """
{"key": "loyal_perfume", "name": {"zh": "香水忠实客户", "en": "Loyal perfume buyers"},
 "where": {"all": [
   {"trait": "city", "op": "in", "value": ["上海", "杭州"]},
   {"event": "order.completed", "where": [{"field": "data.total", "op": "gte", "value": 100}],
    "window": {"last": "30d"}, "op": "gte", "value": 2},
   {"not": {"event": "ticket.opened", "where": [{"field": "data.kind", "op": "eq", "value": "complaint"}],
            "window": {"last": "90d"}}},
   {"sequence": [{"event": "product.viewed"}, {"event": "order.completed", "within": "3d", "same": "sku"}],
    "window": {"last": "30d"}}]}}
"""
LOYAL_YAML = """
# The same, as a file would say it.
key: loyal_perfume
name: {zh: 香水忠实客户, en: Loyal perfume buyers}
where:
  all:
    - {trait: city, op: in, value: [杭州, 上海]}
    - event: order.completed
      where:
        - {field: data.total, op: gte, value: 1.0e+2}
      window: {last: 720h}
      value: 2
    - not:
        event: ticket.opened
        where: [{field: data.kind, op: eq, value: complaint}]
        window: {last: 90d}
    - sequence:
        - event: product.viewed
        - {event: order.completed, within: 3d, same: sku}
      window: {last: 30d}
"""
LAST, AGO = {"last": "30d"}, {"between_ago": ["90d", "30d"]}
NODES: tuple[dict[str, Any], ...] = (
    {"all": [{"segment": "a"}, {"any": [{"tag": "b"}]}]},
    {"any": [{"tag": "b"}, {"tag": "c"}]},
    {"not": {"tag": "b"}},
    {"trait": "birthday", "op": "anniversary_within", "value": "7d"},
    {"trait": "会员等级", "op": "matches", "value": "^(金|银)\\p{Han}*$"},
    {"trait": "joined", "op": "between", "value": ["2025-01-01", "2025-12-31"]},
    {"trait": "age", "op": "gte", "value": 18},
    {"metric": "orders.net_amount", "op": "gte", "value": "1000.00"},
    {"metric": "orders.categories", "op": "contains", "value": "perf"},
    {"metric": "orders.last_at", "op": "within_last", "value": "90d"},
    {"metric": "interactions.by_type.product.viewed", "op": "lt", "value": 3},
    {"metric": "consent.marketing.sms.effective", "op": "eq", "value": True},
    {"metric": "rfm.class", "op": "in", "value": ["important_value", "general_value"]},
    {"metric": "lifecycle", "op": "missing"},
    {"event": "order.*", "where": [{"field": "data.lines.category", "op": "eq", "value": "perfume"}], "value": 3},
    {"event": "custom.quiz.done", "where": [{"field": "data.score", "op": "eq", "value": "A"}]},
    {"event": "custom.*", "where": [{"field": "context.campaign", "op": "exists"}], "op": "eq", "value": 0},
    {"event": "store.visited", "where": [{"field": "store", "op": "starts_with", "value": "mall-1/"}]},
    {"event": "order.completed", "measure": {"sum": "data.total"}, "window": {"calendar": "today"}, "value": "9.5"},
    {"event": "page.viewed", "measure": {"distinct_days": True}, "window": LAST, "op": "gte", "value": 5},
    {"event": "product.viewed", "measure": {"distinct": "data.sku"}, "window": AGO, "op": "between", "value": [2, 4]},
    {"first_event": "order.*", "where": [{"field": "channel", "op": "eq", "value": "pos"}],
     "has": [{"field": "data.coupon", "op": "exists"}], "window": {"from": "2026-01-01T00:00:00+08:00"}},
    {"last_event": "feedback.rated", "has": [{"field": "data.score", "op": "lte", "value": 6}]},
    {"sequence": [{"event": "app.opened"}, {"event": "search.performed", "without": "order.*", "same": "data.query"}]},
    {"regular": "order.completed", "times": 1, "in": 3, "of": 4, "unit": "month"},
    {"stopped": "app.opened", "earlier": AGO, "later": LAST},
    {"restarted": "app.opened", "earlier": {"between_ago": ["90d", "60d"]},
     "middle": {"between_ago": ["60d", "1w"]}, "later": {"last": "7d"}},
    {"order": "any", "where": [{"field": "category", "op": "eq", "value": "perfume"}], "measure": {"max": "net_amount"},
     "window": {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}, "op": "gt", "value": 500},
    {"tag": "value"},
    {"tag": "value", "value": "A"},
    {"tag": "value", "op": "in", "value": ["A", "B"]},
    {"tag": "vip", "value": True},
    {"segment": "loyal_perfume"},
    {"sample": {"percent": 10, "salt": "a"}},
)  # fmt: skip


def segment(where: Any, **more: Any) -> Any:
    """The body of a segment."""
    return {"key": "a", "where": where, **more}


def test_the_contracts_definition_is_the_same_in_yaml():
    """JSON and YAML say the same, and so do 720h and 30d, 1.0e+2 and 100, and a list in another order."""
    assert read_json(LOYAL) == read_yaml(LOYAL_YAML) == read_yaml(LOYAL)
    assert content_hash(read_json(LOYAL)) == content_hash(read_yaml(LOYAL_YAML.encode()))


@pytest.mark.parametrize("node", NODES, ids=json.dumps)
def test_every_node_reads_and_is_written_as_it_reads(node):
    """What the canonical form says reads as the same definition; the published schema accepts both."""
    definition = parse(segment(node))
    again = json.loads(json.dumps(canonical(definition)))
    assert parse(again) == definition
    validator = jsonschema.Draft202012Validator(definition_schema())
    validator.validate(segment(node))
    validator.validate(again)


def test_every_kind_of_node_is_tried():
    """The table above leaves none out."""
    assert {next(key for key in NODE_KEYS if key in node) for node in NODES} == {*NODE_KEYS}


def test_defaults_are_written_out():
    """By itself an event asks for one at least, a tag for being there."""
    said = canonical(parse(segment({"all": [{"event": "app.opened"}, {"tag": "t"}, {"tag": "t", "value": "x"}]})))
    assert said["where"]["all"] == [
        {"event": "app.opened", "measure": {"count": True}, "op": "gte", "value": 1},
        {"tag": "t", "op": "exists"},
        {"tag": "t", "op": "eq", "value": "x"},
    ]
    assert (said["status"], said["kind"]) == ("live", "segment")


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"metric": "orders.net_amount", "op": "gte", "value": 100}, Decimal(100)),
        ({"metric": "orders.count", "op": "gte", "value": 2.0}, 2),
        ({"metric": "first_seen", "op": "lt", "value": "2026-01-01T08:00:00+08:00"}, datetime(2026, 1, 1, tzinfo=UTC)),
        ({"metric": "derived.birthday", "op": "eq", "value": "1990-02-28"}, date(1990, 2, 28)),
        ({"metric": "last_seen", "op": "within_last", "value": "2w"}, timedelta(days=14)),
        ({"trait": "joined", "op": "gt", "value": "2026-01-01"}, date(2026, 1, 1)),
        ({"trait": "joined", "op": "eq", "value": "2026-01-01"}, "2026-01-01"),
        ({"trait": "x", "op": "in", "value": [True, "b", 1, 1.0, "a", True]}, (True, 1, "a", "b")),
        ({"order": "any", "measure": {"avg": "total"}, "value": "5"}, Decimal(5)),
    ],
)
def test_values_are_what_they_are_compared_with(node, value):
    """Amounts are decimals, times UTC; a trait is compared by the value's own type."""
    found: Any = parse(segment(node)).where
    assert (found.value, type(found.value)) == (value, type(value))


def test_nodes_say_what_they_compare():
    """What a compiler asks of a node, besides its fields."""
    summed: Any = parse(segment({"order": "any", "measure": {"sum": "net_amount"}, "window": AGO})).where
    assert (summed.typed, summed.measure.name, summed.measure.field) == (Typed("money"), "sum", "net_amount")
    assert (summed.window.earlier, summed.window.later) == (timedelta(days=90), timedelta(days=30))
    figure: Any = parse(segment({"metric": "consent.sms.granted", "op": "exists"})).where
    assert (figure.typed, figure.figure.key) == (Typed("bool"), "sms")
    regular: Any = parse(segment({"regular": "order.paid", "times": 1, "in": 1, "of": 3, "unit": "week"})).where
    assert (regular.in_, regular.length) == (1, timedelta(days=7))


def test_true_is_not_one():
    """Python's equality is not the language's."""
    said, one = (parse(segment({"trait": "x", "op": "eq", "value": value})) for value in (True, 1))
    assert said != one
    assert hash(said.where) != hash(one.where)
    assert one == parse(segment({"trait": "x", "op": "eq", "value": 1.0}))


def test_a_tag_has_one_condition_or_tiers():
    """What has tiers is a tag; one condition is a tag's where it is said, or put there."""
    tiers = [{"value": "high", "where": {"segment": "a"}}, {"value": "low", "where": {"tag": "b"}}]
    tiered = parse({"key": "t", "tiers": tiers})
    assert tiered.ref == ("tag", "t")
    assert references(tiered) == {("segment", "a"), ("tag", "b")}
    assert [place.path for place in walk(tiered)] == [("tiers", 0, "where"), ("tiers", 1, "where")]
    assert parse({"where": {"tag": "b"}}, kind="tag", key="t").ref == ("tag", "t")


def read_again(body: Any) -> Any:
    """The canonical form, which reads as the same, and which the published schema accepts."""
    definition = parse(body)
    said = json.loads(json.dumps(canonical(definition)))
    assert parse(said) == definition
    jsonschema.Draft202012Validator(definition_schema()).validate(said)
    return said


def test_members_and_values_set_by_hand():
    """A static segment and a manual tag have no condition, cost nothing and refer to nothing."""
    static, manual = {"key": "s", "static": True}, {"key": "m", "manual": True, "name": {"zh": "备注"}}
    assert read_again(static) == {"key": "s", "status": "live", "kind": "segment", "static": True}
    assert read_again(manual) == {**manual, "status": "live", "kind": "tag"}
    for body in (static, manual):
        definition = parse(body)
        assert (definition.where, [*walk(definition)], cost(definition), references(definition)) == (None, [], 0, set())
    assert content_hash(parse(segment({"tag": "t"}))) == content_hash(parse(segment({"tag": "t"}, static=False)))


def test_a_tag_may_copy_a_figure_or_a_trait():
    """Whatever the dossier says is the tag's value; that it is the lifecycle's makes the tag depend on that tag."""
    for copied in ("rfm.class", "derived.age", "interactions.by_channel.app", {"trait": "城市"}):
        tag = parse({"key": "t", "value_of": copied})
        assert (tag.ref, cost(tag), references(tag)) == (("tag", "t"), 1, set())
        assert read_again({"key": "t", "value_of": copied})["value_of"] == copied
    stage = parse({"key": "stage", "value_of": "lifecycle"})
    itself = parse({"key": "lifecycle", "value_of": "lifecycle"})
    assert references(stage) == {("tag", "lifecycle")}
    assert check_graph([stage]) == []
    assert [each.pointer for each in check_graph([stage, itself])] == ["/value_of"]


@pytest.mark.parametrize(
    "body",
    [
        segment({"tag": "t"}, static=True),
        {"key": "a", "static": False},
        {"key": "t", "kind": "tag", "value_of": "rfm.class", "manual": True},
        {"key": "t", "kind": "tag", "where": None},
    ],
)
def test_the_schema_knows_that_there_is_one_way(body):
    """What is said twice, or in no way, it refuses as the reader does."""
    with pytest.raises(InvalidDefinition):
        parse(body)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(definition_schema()).validate(body)


def test_tiers_have_names():
    """What people call a value, beside the value itself."""
    tier = {"value": "high", "name": {"zh": "高", "en": "high"}, "where": {"tag": "b"}}
    said = read_again({"key": "t", "tiers": [tier, {"value": "low", "name": "L", "where": {"tag": "c"}}]})
    assert [each["name"] for each in said["tiers"]] == [{"zh": "高", "en": "high"}, "L"]


def test_limits_and_names():
    """A segment may be the highest n by a figure, or any n; a name may be one text."""
    top = canonical(parse(segment({"tag": "b"}, name="N", limit={"top": 5, "by": "orders.net_amount"})))
    assert (top["limit"], top["name"]) == ({"top": 5, "by": "orders.net_amount", "order": "desc"}, "N")
    assert canonical(parse(segment({"tag": "b"}, limit={"random": 5})))["limit"] == {"random": 5, "salt": ""}


def test_only_json_words_are_not_text_in_yaml():
    """Country codes and numbers of cards survive."""
    said = read_yaml("key: on\nwhere: {trait: c, op: in, value: [no, 007, 2026-01-01, '5', 5, 5.50, true, Null]}")
    assert said.where is not None
    assert canonical(said)["where"]["value"] == [True, 5, 5.5, "007", "2026-01-01", "5", "Null", "no"]


def test_fields_hold_what_their_events_say():
    """Known for the type; anything where types differ, or the catalogue does not know it."""
    assert event_field("order.completed", "data.total") == event_field("order.*", "data.total") == Typed("money")
    assert event_field("order.*", "data.lines.quantity") == Typed("number", many=True)
    assert event_field("feedback.rated", "data.about") == Typed("object")
    assert event_field("custom.x", "data.total") == event_field("order.paid", "data.colour") == Typed("any")
    assert event_field("consent.changed", "data.granted") == Typed("bool")
    assert event_field("ticket.*", "data.due_at") == Typed("time")
    assert types_of("custom.*") == ()


def test_figures_of_the_dossier():
    """Those by key take the key from the path; what counts is 0 where nothing was."""
    found = metric("consent.sms.news.expires_at")
    assert (found.name, found.key, found.typed, found.zero) == (
        "consent.*.expires_at",
        "sms.news",
        Typed("time"),
        False,
    )
    assert metric("orders.count").zero
    assert not metric("orders.average").zero
    for path in ("consent.*.granted", "interactions.by_type.order.paid", "interactions.by_channel."):
        with pytest.raises(InvalidValue):
            metric(path)
    assert all(each.name == name for name, each in METRICS.items())
    assert len(OPERATORS) == len(set(OPERATORS))


def test_circles_and_what_is_not_there():
    """Of each the place is named; the metric lifecycle needs the tag, if there is one."""
    a = parse(segment({"any": [{"segment": "b"}, {"tag": "tt"}]}))
    b = parse({"key": "b", "where": {"not": {"segment": "a"}}})
    t = parse({"key": "t", "tiers": [{"value": "x", "where": {"metric": "lifecycle", "op": "exists"}}]})
    found = check_graph([a, b, t])
    assert [(each.of, each.pointer) for each in found] == [
        (("segment", "a"), "/where/any/0/segment"),
        (("segment", "a"), "/where/any/1/tag"),
        (("segment", "b"), "/where/not/segment"),
    ]
    assert "a → b → a" in found[0].message
    assert "did you mean `t`?" in found[1].message
    assert references(t) == {("tag", "lifecycle")}
    itself = parse({"key": "lifecycle", "tiers": [{"value": "x", "where": {"metric": "lifecycle", "op": "exists"}}]})
    assert [each.pointer for each in check_graph([itself])] == ["/tiers/0/where/metric"]
    diamond = [parse({"key": k, "where": {"any": w}}) for k, w in _DIAMOND.items()]
    assert check_graph(diamond) == []


_DIAMOND: dict[str, list[Any]] = {
    "a": [{"segment": "b"}, {"segment": "c"}],
    "b": [{"segment": "d"}],
    "c": [{"segment": "d"}],
    "d": [{"trait": "x", "op": "exists"}],
}


def test_cost_grows_with_what_is_looked_at():
    """Comparing a figure is cheap, sequences are dear."""
    nodes = {key: cost(parse(segment(node))) for node in NODES for key in NODE_KEYS if key in node}
    assert nodes["trait"] == nodes["sample"] == 1
    assert nodes["trait"] < nodes["event"] < nodes["stopped"] < nodes["restarted"] < nodes["sequence"]


def test_a_refused_definition_lists_all_reasons():
    """Each with its place; the first stands for all."""
    with pytest.raises(InvalidDefinition) as caught:
        parse(segment({"all": [{"trait": "x", "op": "is"}, {"event": "order.paiid"}]}, limit={"top": 0, "by": "rfm.r"}))
    assert [each.pointer for each in caught.value.refusals] == ["/where/all/0/op", "/where/all/1/event", "/limit/top"]
    assert (caught.value.pointer, caught.value.status) == ("/where/all/0/op", 422)
    assert caught.value.refusals[1].member() == {
        "code": "invalid_definition",
        "pointer": "/where/all/1/event",
        "message": "where.all[1].event is no type of events; did you mean `order.paid`?",
    }
