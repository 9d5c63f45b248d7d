"""What definitions may ask of the histories of this folder: fields, traits and figures, each with values that occur."""

from datetime import timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from deploy.oracle.model import Json
from tests.strategies.histories import AGES, NOW
from tests.strategies.payloads import KINDS, SOURCES, TRAITS

# Lengths that end exactly on ages of events, in several spellings, and some that do not.
DURATIONS = ("1s", "1800s", "30m", "20h", "24h", "1d", "7d", "2w", "744h", "31d", "30d", "365d", "400d")
STEP = timedelta(microseconds=1)
MOMENTS = tuple(sorted({NOW - age + step for age in AGES for step in (-STEP, timedelta(0), STEP)}))
PATTERNS = ("e", "^[a-z]+$", "[0-9]", "(?i)ann", "o+", "香.", "^P-[12]$", "s|m")
Pool = tuple[object, ...]


class Asked(NamedTuple):
    """What may be asked of one field: its kind (text, store, number, time, date, boolean), and values for it."""

    field: str
    kind: str
    pool: Pool


WORDS: Pool = ("red", "Blue", "香水", "10", "2")
MONEY: Pool = (0, 0.01, 5, 10, 19.99, 20, 33.3333, 100, 100.5)
COUNTS: Pool = (0, 1, 2, 3)
CAMPAIGNS: Pool = ("spring", "双11", "")
IDS: Pool = ("1", "2")

ENVELOPE = (
    Asked("channel", "text", ("pos", "wechat")),
    Asked("store", "store", ("mall", "mall/a", "mall/a/7", "mal", "mall/a/")),
    Asked("source", "text", SOURCES),
    Asked("context.campaign", "text", ("mail", "again", "")),
)
LINES = (
    Asked("data.lines.sku", "text", ("P-1", "P-2", "7")),
    Asked("data.lines.category", "text", ("perfume", "book", "")),
    Asked("data.lines.brand", "text", ("Acme", "百草", "")),
    Asked("data.lines.name", "text", WORDS),
    Asked("data.lines.quantity", "number", (0.5, 1, 2, 3)),
    Asked("data.lines.amount", "number", MONEY),
)
CURRENCY = Asked("data.currency", "text", ("CNY", "USD", "JPY"))
BODY = (
    Asked("data.order_id", "text", IDS),
    Asked("data.total", "number", MONEY),
    CURRENCY,
    Asked("data.coupon", "text", ("C-1", "10", "")),
    Asked("data.discount", "number", (0, 2.5, 5)),
    *LINES,
)
EXPIRY = Asked("data.expires_at", "time", ())
# By beginning of the type, the longest that fits.
FIELDS: dict[str, tuple[Asked, ...]] = {
    "order.": BODY,
    "order.paid": (Asked("data.amount", "number", MONEY), CURRENCY, Asked("data.method", "text", WORDS)),
    "order.shipped": (Asked("data.total", "number", MONEY), Asked("data.carrier", "text", WORDS)),
    "order.cancelled": (Asked("data.reason", "text", WORDS), Asked("data.order_id", "text", IDS)),
    "order.refunded": (Asked("data.amount", "number", MONEY), Asked("data.refund_id", "text", ("r1", "r2")), *LINES),
    "product.": (
        Asked("data.sku", "text", WORDS),
        Asked("data.category", "text", WORDS),
        Asked("data.price", "number", MONEY),
        Asked("data.quantity", "number", COUNTS),
    ),
    "message.": (Asked("data.message_id", "text", ("m1", "m2")), Asked("data.campaign", "text", CAMPAIGNS)),
    "ticket.": (
        Asked("data.kind", "text", ("complaint", "question", "return")),
        Asked("data.subject", "text", WORDS),
        Asked("data.ticket_id", "text", ("t1", "t2")),
    ),
    "feedback.": (
        Asked("data.scale", "text", ("csat", "nps", "stars")),
        Asked("data.score", "number", (1, 3, 5)),
        Asked("data.stars", "number", (1, 3, 5)),
        Asked("data.about.sku", "text", WORDS),
        Asked("data.about.order_id", "text", IDS),
    ),
    "survey.": (Asked("data.survey", "text", ("s1",)),),
    "customer.": (Asked("data.reason", "text", WORDS), Asked("data.traits.city", "text", ("上海", "Paris"))),
    "consent.": (
        Asked("data.purpose", "text", ("sms", "email")),
        Asked("data.granted", "boolean", (True, False)),
        EXPIRY,
    ),
    "points.": (Asked("data.points", "number", (-1, 0, 1, 2.5, 10)), Asked("data.reason", "text", WORDS), EXPIRY),
    "tier.": (Asked("data.tier", "text", ("gold", "silver")), Asked("data.valid_until", "time", ())),
    "service.": (Asked("data.agent", "text", WORDS), Asked("data.seconds", "number", (0, 45, 90))),
    "custom.": (Asked("data.a", "number", COUNTS), Asked("data.b", "number", COUNTS)),
    "": (
        Asked("data.url", "text", WORDS),
        Asked("data.query", "text", WORDS),
        Asked("data.coupon", "text", WORDS),
        Asked("data.campaign", "text", CAMPAIGNS),
    ),
}
ORDER_FIELDS = (
    Asked("state", "text", ("placed", "paid", "shipped", "completed", "partially_refunded", "refunded", "cancelled")),
    Asked("net_amount", "number", MONEY),
    Asked("total", "number", MONEY),
    Asked("category", "text", ("perfume", "book")),
    Asked("brand", "text", ("Acme", "百草")),
    Asked("sku", "text", ("P-1", "P-2", "7")),
    *ENVELOPE[:3],
)
SHOWN: Pool = ("perfume", "book", "Acme", "百草", "pos", "wechat", "gold", "silver", "female", "male", "other")
METRICS = (
    *[Asked(f"orders.{name}", "number", MONEY) for name in ("net_amount", "average", "refunded_amount")],
    *[Asked(f"orders.{name}", "number", COUNTS) for name in ("count", "refund_count", "interval_days")],
    *[Asked(f"orders.{name}", "text", SHOWN) for name in ("categories", "brands", "preferred_channel")],
    *[Asked(f"interactions.{name}", "number", COUNTS) for name in ("count", "sessions")],
    *[Asked(f"feedback.{name}", "number", COUNTS) for name in ("csat_average", "nps_last", "reviews", "open_tickets")],
    *[Asked(f"loyalty.{name}", "number", (-1, 0, 1, 2.5, 10)) for name in ("points", "expired")],
    *[Asked(f"rfm.{name}", "number", (1, 2, 3, 4, 5)) for name in ("r", "f", "m", "frequency")],
    *[
        Asked(f"{name}_at", "time", ())
        for name in ("orders.first", "orders.last", "interactions.last", "feedback.last")
    ],
    *[Asked(name, "time", ()) for name in ("first_seen", "last_seen")],
    Asked("loyalty.tier", "text", SHOWN),
    Asked("rfm.recency_days", "number", (0, 1, 30, 31, 400)),
    Asked("rfm.monetary", "number", MONEY),
    Asked("rfm.class", "text", ("important_value", "important_keep", "general_develop", "general_win_back")),
    Asked("derived.age", "number", (25, 26, 35, 36, 121)),
    Asked("derived.gender", "text", SHOWN),
)
DAYS = ("birthday", "birth_date")
TRAITS_ASKED = (
    *[Asked(name, "date", ()) for name in DAYS],
    *[
        Asked(name, "text", ("", *(text for text in TRAITS[kind] if isinstance(text, str) and len(text) < 100)))
        for name, kind in KINDS.items()
    ],
    *[Asked(name, "number", (2, 3, 200_000)) for name in ("level", "city", "postal_code")],
    Asked("level", "boolean", (True, False)),
)


def fields_of(kind: str) -> tuple[Asked, ...]:
    """What may be asked of events of a type, or of a family."""
    begins = max((begin for begin in FIELDS if kind.startswith(begin)), key=len)
    return ENVELOPE + FIELDS[begins]


def questions(asked: Asked) -> st.SearchStrategy[Json]:
    """An operator that fits the kind, with its value."""
    there = st.sampled_from(({"op": "exists"}, {"op": "missing"}))
    return st.one_of(OPERATORS[asked.kind](asked.pool), OPERATORS[asked.kind](asked.pool), there)


def by_op(ops: tuple[str, ...], values: st.SearchStrategy[object]) -> st.SearchStrategy[Json]:
    """One of the operators with one of the values."""
    return st.fixed_dictionaries({"op": st.sampled_from(ops), "value": values})


def ordered(pool: Pool) -> st.SearchStrategy[list[object]]:
    """The ends of a `between`, the lesser first."""
    return st.lists(st.sampled_from(sorted(pool)), min_size=2, max_size=2).map(sorted)  # type: ignore[type-var]


def among(pool: Pool) -> st.SearchStrategy[Json]:
    """Equal, or not, to one or to any of a few."""
    some = st.lists(st.sampled_from(pool), min_size=1, max_size=3, unique=True)
    return by_op(("eq", "ne"), st.sampled_from(pool)) | by_op(("in", "not_in"), some)


def of_text(pool: Pool) -> st.SearchStrategy[Json]:
    """Whole words, parts of them, patterns."""
    part = st.sampled_from([word for word in pool if word]).map(lambda word: str(word)[:2])
    return among(pool) | by_op(("contains", "starts_with"), part) | by_op(("matches",), st.sampled_from(PATTERNS))


def of_numbers(pool: Pool) -> st.SearchStrategy[Json]:
    """Amounts, counts and scores."""
    compared = by_op(("gt", "gte", "lt", "lte"), st.sampled_from(pool))
    return among(pool) | compared | by_op(("between",), ordered(pool))


def of_times(_: Pool) -> st.SearchStrategy[Json]:
    """Instants on, just before and just after what histories hold."""
    texts = tuple(moment.isoformat().replace("+00:00", "Z") for moment in MOMENTS)
    near = by_op(("within_last", "within_next"), st.sampled_from(DURATIONS))
    ends = st.lists(st.sampled_from(MOMENTS), min_size=2, max_size=2).map(sorted)
    between = ends.map(lambda pair: [moment.isoformat() for moment in pair])
    return near | near | by_op(("gt", "gte", "lt", "lte"), st.sampled_from(texts)) | by_op(("between",), between)


OPERATORS = {
    "text": of_text,
    "store": lambda pool: among(pool) | by_op(("starts_with",), st.sampled_from(pool)),
    "number": of_numbers,
    "time": of_times,
    "date": lambda _: by_op(("anniversary_within",), st.sampled_from((*DURATIONS, "2d", "363d", "364d"))),
    "boolean": lambda pool: by_op(("eq", "ne"), st.sampled_from(pool)),
}
