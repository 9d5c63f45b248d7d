"""Valid definitions as plain JSON, made to hold for some people of a history and not for others."""

from datetime import datetime, timedelta
from itertools import combinations, pairwise

from hypothesis import strategies as st

from deploy.oracle.definitions.behaviours import values_named
from deploy.oracle.definitions.clock import duration
from deploy.oracle.definitions.facts import EMPTY, Library
from deploy.oracle.model import Json, Logged, in_time
from tests.strategies.definition_fields import DURATIONS, METRICS, ORDER_FIELDS, STEP, TRAITS_ASKED, Asked
from tests.strategies.definition_parts import (
    NEVER_ASKED,
    any_of,
    fields_in,
    filters,
    measuring,
    sometimes,
    types_of,
    windows,
    with_texts,
)
from tests.strategies.histories import NOW

SAME = ("sku", "category", "coupon", "order_id", "campaign", "ticket_id", "data.lines.sku", "query", "url")
cuts = st.lists(st.sampled_from(DURATIONS), min_size=3, max_size=3, unique_by=duration)
TIERS = ("high", "mid", "low")
DEPTH = 2


@st.composite
def events(draw: st.DrawFn, log: list[Logged]) -> Json:
    """Did it, so often or so much."""
    kind = draw(types_of(log))
    fields = fields_in(log, kind)
    node = draw(sometimes({"event": kind}, where=filters(fields), window=windows))
    return draw(measuring(node, fields))


@st.composite
def edges(draw: st.DrawFn, log: list[Logged]) -> Json:
    """The first or last event."""
    kind = draw(types_of(log))
    fields = fields_in(log, kind)
    node = {draw(st.sampled_from(("first_event", "last_event"))): kind, "has": draw(filters(fields))}
    return draw(sometimes(node, where=filters(fields), window=windows))


def stories(log: list[Logged]) -> st.SearchStrategy[list[str]]:
    """Two or three types: mostly of events of the history in the order in which they occurred."""
    size = st.sampled_from((2, 2, 2, 3))
    any_types = size.flatmap(lambda count: st.lists(types_of(log), min_size=count, max_size=count))
    told = [event.type for event in in_time(log) if event.type not in NEVER_ASKED]
    if len(told) < 2:
        return any_types
    places = st.lists(st.sampled_from(range(len(told))), min_size=2, max_size=3, unique=True)
    happened = places.map(lambda chosen: [told[place] for place in sorted(chosen)])
    return st.one_of(happened, happened, happened, any_types)


@st.composite
def sequences(draw: st.DrawFn, log: list[Logged]) -> Json:
    """Steps with at most two conditions beside their types: with all there are hardly any chain would fit."""
    node: Json = {"sequence": [{"event": kind} for kind in draw(stories(log))]}
    common = [name for name in SAME if any(values_named(event, name) for event in log)]
    bonds = {
        "within": st.sampled_from(DURATIONS),
        "same": st.sampled_from(common or SAME),
        "without": types_of(log),
    }
    for condition in draw(st.lists(st.sampled_from(("where", "window", *bonds)), max_size=2, unique=True)):
        step = draw(st.sampled_from(node["sequence"] if condition == "where" else node["sequence"][1:]))
        if condition == "window":
            node["window"] = draw(windows)
        elif condition == "where":
            step["where"] = draw(filters(fields_in(log, step["event"])))
        else:
            step[condition] = draw(bonds[condition])
    return node


@st.composite
def regulars(draw: st.DrawFn, log: list[Logged]) -> Json:
    """In so many of the last days, weeks or months."""
    kind = draw(types_of(log))
    last_units = draw(st.integers(1, 14))
    node = {
        "regular": kind,
        "times": draw(st.sampled_from((1, 1, 1, 2))),
        "in": min(draw(st.sampled_from((1, 1, 2, 2, 3))), last_units),
        "of": last_units,
        "unit": draw(st.sampled_from(("day", "week", "month"))),
    }
    return draw(sometimes(node, where=filters(fields_in(log, kind))))


@st.composite
def stops(draw: st.DrawFn, log: list[Logged]) -> Json:
    """Stopped, or stopped and started again; the windows mostly follow one another."""
    node = draw(st.one_of(rolling(log), restarts(log)))
    where = filters(fields_in(log, node.get("stopped") or node["restarted"]))
    name = draw(st.sampled_from(("earlier", "later")))
    return draw(sometimes(node, where=where, **{name: windows}))


@st.composite
def rolling(draw: st.DrawFn, log: list[Logged]) -> Json:
    """With windows that move."""
    kind = draw(types_of(log))
    later, middle, earlier = sorted(draw(cuts), key=duration)
    begins, ends = draw(st.sampled_from((("500d", later), (earlier, middle), (middle, later))))
    ending = {"last": later}
    before = {"earlier": {"between_ago": ["500d", middle]}, "middle": {"between_ago": [middle, later]}}
    stopped = {"stopped": kind, "earlier": {"between_ago": [begins, ends]}, "later": ending}
    return draw(st.sampled_from((stopped, {"restarted": kind, **before, "later": ending})))


def restarts(log: list[Logged]) -> st.SearchStrategy[Json]:
    """Around two events of a type, if the history has such: the earlier window ends just after the one it holds."""
    told = [event for event in in_time(log) if event.type not in NEVER_ASKED]
    pairs = [(a, b) for a, b in combinations(told, 2) if a.type == b.type and b.occurred_at - a.occurred_at > STEP]
    return st.sampled_from([restarted(*pair) for pair in pairs]) if pairs else rolling(log)


def restarted(event: Logged, again: Logged) -> Json:
    """Did the first, then nothing, then the second."""
    borders = [event.occurred_at, event.occurred_at + STEP, again.occurred_at, again.occurred_at + timedelta(days=1)]
    earlier, middle, later = ({"from": start.isoformat(), "to": end.isoformat()} for start, end in pairwise(borders))
    return {"restarted": event.type, "earlier": earlier, "middle": middle, "later": later}


@st.composite
def orders(draw: st.DrawFn) -> Json:
    """Orders, so many or of so much."""
    node = draw(sometimes({"order": "any"}, where=filters(ORDER_FIELDS), window=windows))
    return draw(measuring(node, ORDER_FIELDS))


def traits_of(log: list[Logged]) -> tuple[Asked, ...]:
    """What may be asked of traits: mostly those the history tells."""
    said = [pair for event in log if event.type == "customer.identified" for pair in event.data["traits"].items()]
    values = {name: [value for key, value in said if key == name] for name, _ in said}
    told = [with_texts(asked, values[asked.field]) for asked in TRAITS_ASKED if asked.field in values]
    return (*told * 10, *TRAITS_ASKED)


def samples() -> st.SearchStrategy[Json]:
    """Few, half or nearly all."""
    percents = st.sampled_from((1, 10, 50, 99.5, 100))
    return st.builds(
        lambda percent, salt: {"sample": {"percent": percent, "salt": salt}}, percents, st.sampled_from("ab")
    )


def references(library: Library) -> list[st.SearchStrategy[Json]]:
    """Other segments and tags, with their values and others."""
    found: list[st.SearchStrategy[Json]] = []
    if library.get("segment"):
        found.append(st.sampled_from(sorted(library["segment"])).map(lambda key: {"segment": key}))
    for key, tag in library.get("tag", {}).items():
        values: tuple[Json, ...] = ({"value": True}, {"op": "eq", "value": True})
        if "tiers" in tag:
            values = tuple({"op": op, "value": one} for op in ("eq", "ne") for one in TIERS)
            values += ({"value": "high"}, {"op": "in", "value": ["high", "low"]})
        found.append(st.sampled_from([{"tag": key} | test for test in ({}, *values)]))
    return found


def unspoken(strategy: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """The same with a short name: hypothesis would write the whole history out wherever it speaks of the strategy."""
    return st.none().flatmap(lambda _: strategy)


def leaves(log: list[Logged], library: Library = EMPTY) -> st.SearchStrategy[Json]:
    """Nodes without others within."""
    found = st.one_of(
        any_of(traits_of(log), "trait"),
        any_of(METRICS, "metric"),
        events(log),
        events(log),
        edges(log),
        sequences(log),
        regulars(log),
        stops(log),
        orders(),
        samples(),
        *references(library),
    )
    return unspoken(found)


def nodes(log: list[Logged], library: Library = EMPTY, depth: int = DEPTH) -> st.SearchStrategy[Json]:
    """Any node, up to so many levels deep."""
    leaf = node = leaves(log, library)
    for _ in range(depth):
        node = st.one_of(leaf, leaf, *combined(node))
    return unspoken(node)


def combined(inner: st.SearchStrategy[Json]) -> list[st.SearchStrategy[Json]]:
    """And, or, not."""
    some = st.lists(inner, min_size=1, max_size=3)
    return [
        some.map(lambda parts: {"all": parts}),
        some.map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ]


def definitions(log: list[Logged], library: Library = EMPTY, key: str = "drawn") -> st.SearchStrategy[Json]:
    """A segment."""
    return nodes(log, library).map(lambda node: {"key": key, "name": {"zh": key, "en": key}, "where": node})


def tags(log: list[Logged], library: Library = EMPTY, key: str = "drawn") -> st.SearchStrategy[Json]:
    """A tag with one to three tiers, or with one `where`."""
    tiers = st.lists(nodes(log, library, 1), min_size=1, max_size=len(TIERS)).map(
        lambda found: {"tiers": [{"value": value, "where": node} for value, node in zip(TIERS, found, strict=False)]}
    )
    either = st.one_of(tiers, nodes(log, library).map(lambda node: {"where": node}))
    return either.map(lambda what: {"key": key, "name": {"zh": key, "en": key}, **what})


@st.composite
def libraries(draw: st.DrawFn, log: list[Logged]) -> Library:
    """A few segments and tags, each of which may refer to those before."""
    library: dict[str, dict[str, Json]] = {"segment": {}, "tag": {}}
    for number in range(draw(st.integers(0, 2))):
        library["segment"][f"s{number}"] = draw(definitions(log, library, f"s{number}"))
        library["tag"][f"t{number}"] = draw(tags(log, library, f"t{number}"))
    return library


def borders(log: list[Logged]) -> st.SearchStrategy[datetime]:
    """Moments at which windows begin or end with an event, to the microsecond; often simply now."""
    near = st.sampled_from((-STEP, timedelta(0), STEP))
    occurred = st.sampled_from(sorted({event.occurred_at for event in log}))
    length = st.sampled_from(DURATIONS).map(duration)
    return (
        st.just(NOW) | st.just(NOW) | st.builds(lambda *parts: parts[0] + parts[1] + parts[2], occurred, length, near)
    )
