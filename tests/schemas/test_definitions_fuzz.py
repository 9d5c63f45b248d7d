"""Laws of the language: what is written reads as the same; whatever comes, only InvalidDefinition is raised."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import jsonschema
from hypothesis import example, given
from hypothesis import strategies as st

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
)
from schemas.definitions.comparing import NODE_KEYS
from schemas.definitions.metrics import METRICS
from schemas.definitions.operators import OPERATORS, OPERATORS_OF, Typed

_SCHEMA = jsonschema.Draft202012Validator(definition_schema())
_KEYS = st.from_regex(r"[a-z0-9_]{1,64}", fullmatch=True)
_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)
_NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_TIMES = st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-01T08:00:00.5+08:00", "1999-12-31T23:59:60Z"])
_DATES = st.dates(date(1950, 1, 1), date(2100, 1, 1)).map(str)
_AMOUNTS = st.decimals(-(10**9), 10**9, places=4).map(lambda amount: format(amount, "f"))
_SPANS = st.builds("{}{}".format, st.integers(1, 500), st.sampled_from("smhdw"))
_OF_KIND: dict[str, st.SearchStrategy[Any]] = {
    "any": _TEXTS | _NUMBERS | st.booleans(),
    "string": _TEXTS,
    "number": _NUMBERS,
    "money": _AMOUNTS,
    "bool": st.booleans(),
    "time": _TIMES,
    "date": _DATES,
    "label": _TEXTS,
}
_TYPES = ("order.completed", "order.*", "product.viewed", "ticket.opened", "custom.a.b", "custom.*")
_FIELDS = {
    "channel": Typed("string"),
    "data.own.part": Typed("any"),
    "context.campaign": Typed("any"),
    "data.颜色.深": Typed("any"),
}


@st.composite
def comparisons(draw: st.DrawFn, typed: Typed) -> dict[str, Any]:
    """An operator that compares such, and a value it takes."""
    kind = typed.kind
    op = draw(st.sampled_from(OPERATORS_OF[kind]))
    one = _OF_KIND[kind]
    if op in {"exists", "missing"}:
        return {"op": op}
    if op in {"contains", "starts_with", "matches"}:
        return {"op": op, "value": draw(st.sampled_from(["a", "深", "p.*", "1"]))}
    if op in {"within_last", "within_next", "anniversary_within"}:
        return {"op": op, "value": draw(_SPANS)}
    if op in {"gt", "gte", "lt", "lte", "between"} and kind == "any":
        one = _NUMBERS
    if op == "between":
        value = draw(one)
        return {"op": op, "value": [value, value]}
    if op in {"in", "not_in"}:
        return {"op": op, "value": draw(st.lists(one, min_size=1, max_size=4))}
    return {"op": op, "value": draw(one)}


def compared(key: str, names: dict[str, Typed]) -> st.SearchStrategy[dict[str, Any]]:
    """A node, or a filter, that compares what one of the names stands for."""
    return st.sampled_from(sorted(names)).flatmap(
        lambda name: comparisons(names[name]).map(lambda said: {key: name, **said})
    )


_FILTERS = st.lists(compared("field", _FIELDS), min_size=1, max_size=3)
_WINDOWS = st.one_of(
    _SPANS.map(lambda span: {"last": span}),
    st.sampled_from([{"between_ago": ["90d", "0d"]}, {"calendar": "last_week"}, {"to": "2026-01-01T00:00:00Z"}]),
)
_HAPPENED = st.fixed_dictionaries({}, optional={"where": _FILTERS, "window": _WINDOWS})
_COUNTED = st.fixed_dictionaries(
    {"measure": st.sampled_from([{"count": True}, {"distinct_days": True}, {"distinct": "channel"}])}
)
_EVENTS = st.sampled_from(_TYPES)


def _of(key: str, *parts: st.SearchStrategy[dict[str, Any]], **more: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(_EVENTS, *parts).map(
        lambda said: {key: said[0], **{name: value for part in said[1:] for name, value in part.items()}, **more}
    )


_METRIC_PATHS = {name: each.typed for name, each in METRICS.items() if "*" not in name}
_LEAVES = st.one_of(
    compared("trait", {"city": Typed("any"), "会员 级": Typed("any")}),
    compared("metric", _METRIC_PATHS),
    compared("tag", {"t": Typed("label")}),
    _KEYS.map(lambda key: {"segment": key}),
    _of("event", _HAPPENED, _COUNTED, comparisons(Typed("number"))),
    st.builds(lambda more, said: {"order": "any", **more, **said}, _COUNTED, comparisons(Typed("number"))).map(
        lambda node: {**node, "measure": {"sum": "net_amount"}, "op": "gte", "value": 5}
    ),
    _of("last_event", _HAPPENED, _FILTERS.map(lambda has: {"has": has})),
    _of("stopped", earlier={"between_ago": ["9d", "2d"]}, later={"last": "2d"}),
    _of("regular", times=2, of=5, unit="week", **{"in": 3}),
    st.lists(_of("event", _FILTERS.map(lambda where: {"where": where})), min_size=2, max_size=4).map(
        lambda steps: {"sequence": steps}
    ),
)
_NODES = st.recursive(
    _LEAVES,
    lambda node: st.one_of(
        st.lists(node, min_size=1, max_size=3).map(lambda nodes: {"all": nodes}),
        st.lists(node, min_size=1, max_size=3).map(lambda nodes: {"any": nodes}),
        node.map(lambda each: {"not": each}),
    ),
    max_leaves=6,
)
_BODIES = st.fixed_dictionaries(
    {"key": _KEYS, "where": _NODES},
    optional={
        "name": st.sampled_from(["名", {"zh": "名"}]),
        "status": st.sampled_from(["draft", "archived"]),
        "limit": st.sampled_from([{"random": 3}, {"top": 3, "by": "orders.count"}]),
    },
)
_WORDS = st.sampled_from((
    *NODE_KEYS, *OPERATORS[:6], "op", "value", "field", "where", "window", "last", "measure", "count", "has", "key",
    "tiers", "limit", "name", "by", "top", "order.completed", "orders.count", "30d", "<event>", "<last>", "a",
))  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _WORDS | st.text(max_size=5),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(_WORDS | st.text(max_size=3), each, max_size=4),
    max_leaves=20,
)


@given(_BODIES)
def test_what_is_written_reads_as_the_same(body):
    """Through JSON and through YAML; the published schema accepts what was sent and what is written."""
    definition = parse(body)
    written = json.dumps(canonical(definition), ensure_ascii=False)
    again = read_json(written)
    assert again == definition == read_json(json.dumps(body))
    assert canonical(again) == canonical(definition)
    assert content_hash(again) == content_hash(definition)
    assert cost(again) == cost(definition) > 0
    _SCHEMA.validate(json.loads(json.dumps(body)))
    _SCHEMA.validate(json.loads(written))


@given(_BODIES)
def test_json_is_yaml(body):
    """JSON in which nothing is escaped beyond ASCII reads as YAML, and says the same."""
    text = json.dumps(body)
    if "\\ud" not in text and "\\u007f" not in text:
        assert read_yaml(text) == read_json(text)


@given(_JSON)
@example({"key": "a", "where": {"<event>": 1, "event": {"<event>": 2}}})
@example({"key": "a", "where": {"event": "app.opened", "window": {"<last>": {}, "last": {}}}})
def test_whatever_comes_only_invalid_definition_is_raised(body):
    """Arbitrary JSON, in any place."""
    for sent in (body, {"key": "a", "where": body}, {"key": "a", "tiers": [{"value": "x", "where": body}]}):
        try:
            definition = parse(sent)
        except InvalidDefinition as error:
            assert all(each.message and _leads(each.pointer) for each in error.refusals)
        else:
            assert parse(canonical(definition)) == definition
            check_graph([definition])


@given(_BODIES, st.data())
def test_a_change_anywhere_is_read_or_refused(body, data):
    """One part of a good definition replaced by anything: no surprise, and the pointer leads into the body."""
    spoilt = json.loads(json.dumps(body))
    _spoil(spoilt, data)
    try:
        parse(spoilt)
    except InvalidDefinition as error:
        assert all(_leads(each.pointer) for each in error.refusals)


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_whatever_text_comes_only_invalid_definition_is_raised(raw):
    """Neither reader lets anything else out."""
    for read in (read_json, read_yaml):
        try:
            read(raw)
        except InvalidDefinition as error:
            assert error.status == 422


def _leads(pointer: str) -> bool:
    return not pointer or pointer.startswith("/")


def _spoil(value: Any, data: st.DataObject) -> None:
    places = list(value) if isinstance(value, dict) else list(range(len(value)))
    place = data.draw(st.sampled_from(places))
    deeper = isinstance(value[place], dict | list) and value[place]
    if deeper and data.draw(st.integers(0, 4)):
        _spoil(value[place], data)
    else:
        value[place] = data.draw(_JSON)
