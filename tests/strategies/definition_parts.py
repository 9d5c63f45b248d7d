"""The parts of definitions: which type of event, which filters, which window, which measure."""

from typing import Any

from hypothesis import strategies as st

from deploy.oracle.definitions.clock import duration
from deploy.oracle.definitions.fields import of_event
from deploy.oracle.definitions.matching import is_of
from deploy.oracle.model import Json, Logged
from tests.strategies.definition_fields import (
    COUNTS,
    DURATIONS,
    MOMENTS,
    MONEY,
    Asked,
    by_op,
    fields_of,
    of_numbers,
    questions,
)
from tests.strategies.payloads import PAYLOADS, VOIDS

NEVER_ASKED = {*VOIDS}
CALENDAR = ("today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_year")
DATES = ("2025-01-25", "2025-01-26", "2026-01-29", "2026-01-30", "2026-02-28", "2026-03-01", "2026-03-02")
LAST = ("31d", "744h", "30d", "24h", "1d", "30m", "400d", "7d")

last = st.sampled_from(LAST).map(lambda text: {"last": text})
ago = (
    st.lists(st.sampled_from(DURATIONS), min_size=2, max_size=2, unique_by=duration)
    .map(lambda pair: sorted(pair, key=duration, reverse=True))
    .map(lambda pair: {"between_ago": pair})
)
times = st.lists(st.sampled_from(MOMENTS), min_size=2, max_size=2, unique=True).map(sorted)
spans = times.map(lambda pair: {"from": pair[0].isoformat(), "to": pair[1].isoformat().replace("+00:00", "Z")})
dates = st.lists(st.sampled_from(DATES), min_size=2, max_size=2, unique=True).map(sorted)
calendar = st.sampled_from(CALENDAR).map(lambda name: {"calendar": name})
windows: st.SearchStrategy[Json] = st.one_of(
    last,
    ago,
    spans,
    dates.map(lambda pair: {"from": f"{pair[0]}T00:00:00+08:00", "to": f"{pair[1]}T00:00:00+08:00"}),
    calendar,
)
counts = by_op(("eq", "ne", "gt", "gte", "lt", "lte"), st.sampled_from(COUNTS)) | of_numbers(COUNTS)


def types_of(log: list[Logged]) -> st.SearchStrategy[str]:
    """Mostly types the history has, as often as it has them, or their families; seldom any."""
    here = sorted(event.type for event in log if event.type not in NEVER_ASKED)
    families = [f"{kind.partition('.')[0]}.*" for kind in here if not kind.startswith("customer.")]
    others = st.sampled_from(sorted(PAYLOADS.keys() - NEVER_ASKED))
    known = [st.sampled_from(kinds) for kinds in (here, here, families) if kinds]
    return st.one_of(*known, *known, others)


def fields_in(log: list[Logged], kind: str) -> tuple[Asked, ...]:
    """What may be asked of events of the type: mostly fields that some of them carry, with the texts they carry."""
    fields = fields_of(kind)
    alike = [event for event in log if is_of(event, kind)]
    found = {asked: [value for event in alike for value in of_event(event, asked.field)] for asked in fields}
    carried = [with_texts(asked, values) for asked, values in found.items() if values]
    return (*carried, *carried, *carried, *fields)


def with_texts(asked: Asked, values: list[Any]) -> Asked:
    """The same question, mostly about texts that occur."""
    texts = [str(value) for value in values if isinstance(value, str) and len(value) < 100]
    return asked._replace(pool=(*texts, *texts, *asked.pool)) if asked.kind == "text" else asked


def any_of(fields: tuple[Asked, ...], name: str) -> st.SearchStrategy[Json]:
    """A question about one of the fields; `name` is what the node calls the field."""
    return st.sampled_from(fields).flatmap(lambda asked: questions(asked).map(lambda test: {name: asked.field} | test))


def filters(fields: tuple[Asked, ...]) -> st.SearchStrategy[list[Json]]:
    """One filter, seldom two."""
    one = any_of(fields, "field")
    return st.one_of(*[st.lists(one, min_size=size, max_size=size) for size in (1, 1, 2)])


@st.composite
def sometimes(draw: st.DrawFn, node: Json, /, **optional: st.SearchStrategy[Any]) -> Json:
    """The node with some of the optional parts."""
    return node | {name: draw(part) for name, part in optional.items() if draw(st.sampled_from((True, False, False)))}


@st.composite
def measuring(draw: st.DrawFn, node: Json, fields: tuple[Asked, ...]) -> Json:
    """The node with a measure and what it is compared with; seldom with neither."""
    numbers = [asked.field for asked in fields if asked.kind == "number"]
    kinds = ["count", "count", "none", "distinct", "distinct_days", *(["sum", "avg", "min", "max"] if numbers else [])]
    kind = draw(st.sampled_from(kinds))
    if kind == "none":
        return node
    if kind == "count":
        return node | draw(counts) | draw(st.sampled_from(({}, {"measure": {"count": True}})))
    if kind in ("distinct", "distinct_days"):
        names = [asked.field for asked in fields if asked.kind in ("text", "store")]
        field = True if kind == "distinct_days" else draw(st.sampled_from(names))
        return node | {"measure": {kind: field}} | draw(counts)
    missing = by_op(("missing", "exists"), st.none()).map(lambda test: {"op": test["op"]})
    test: Json = draw(st.one_of(of_numbers(MONEY), of_numbers(MONEY), missing))
    return node | {"measure": {kind: draw(st.sampled_from(numbers))}} | test
