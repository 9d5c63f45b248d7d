"""SQL of the dossier's figures over a person's row (`person`), each as the dossier shows it."""

from __future__ import annotations

from datetime import timedelta

from projections.compiler.derived import DERIVED
from projections.compiler.edges import earliest, moved
from projections.compiler.found import Found
from projections.compiler.scope import Scope, T
from projections.compiler.scoring import SCORES
from projections.statements import statement
from schemas.definitions.metrics import Metric

_SOON = int(timedelta(days=30).total_seconds())
_ORDER_DAY = 86_400_000_000
_LINKS = "('customer.linked', 'customer.unlinked')"
# Columns that hold a figure as it is shown.
_COLUMNS = {
    "orders.count": "orders_count",
    "orders.net_amount": "net_amount",
    "orders.refunded_amount": "refunded_amount",
    "orders.refund_count": "refund_count",
    "orders.first_at": "first_order_at",
    "orders.last_at": "last_order_at",
    "orders.categories": "categories",
    "orders.brands": "brands",
    "orders.preferred_hour": "preferred_hour",
    "orders.preferred_weekday": "preferred_weekday",
    "interactions.sessions": "sessions",
    "feedback.csat_count": "csat_count",
    "feedback.nps_last": "nps_last",
    "feedback.nps_count": "nps_count",
    "feedback.tickets": "tickets",
    "feedback.open_tickets": "open_tickets",
    "loyalty.tier_until": "tier_until",
}
# Those where an empty text says that there is none.
_WORDS = {
    "orders.preferred_channel": "preferred_channel",
    "orders.favourite_category": "favourite_category",
    "loyalty.tier": "tier",
}
# Dividend and divisor, as whole numbers, of a ten-thousandth of the figure.
_RATIOS = {
    "orders.average": ("toInt256(person.net_amount * 10000)", "person.orders_valued"),
    "orders.basket.items": ("toInt256(person.units * 1000000)", "person.orders_with_lines * 100"),
    "orders.basket.lines": ("toInt256(person.line_count) * 10000", "person.orders_with_lines"),
    "orders.interval_days": (
        "toInt256(dateDiff('microsecond', person.first_order_at, person.last_order_at)) * 10000",
        f"toInt256(greatest(person.orders_count, 1) - 1) * {_ORDER_DAY}",
    ),
    "orders.price_sensitivity": (
        "toInt256(person.discounted_amount * 10000) * 10000",
        "toInt256(person.net_amount * 10000)",
    ),
    "feedback.csat_average": ("toInt256(person.csat_sum * 10000)", "person.csat_count"),
    "feedback.stars_average": ("toInt256(person.stars_sum * 10000)", "person.stars_count"),
}
_MAPS = {
    "interactions.by_type.*": "type_counts",
    "interactions.by_channel.*": "by_channel",
    "interactions.by_campaign.*": "by_campaign",
}
# Of a touch its place among the parts that NUL divides.
_TOUCHES = {
    f"interactions.{which}.{part}": (which, place)
    for which in ("first_touch", "last_touch")
    for place, part in enumerate(("at", "source", "type", "channel", "campaign"), 1)
}


def figure(metric: Metric, scope: Scope) -> Found:
    """The figure of a metric; of `lifecycle`, which no row holds, none."""
    name = metric.name
    if found := DERIVED.get(name) or SCORES.get(name):
        return found(metric.typed)
    if name in _POINTS:
        sql, edges = _POINTS[name]
        return Found(sql, metric.typed, edges)
    if name.startswith("consent.*."):
        return _consent(metric, scope)
    if name in _MAPS:
        return Found(f"person.{_MAPS[name]}[{scope.value(metric.key, 'String')}]", metric.typed)
    return Found(_plain(name), metric.typed)


def _plain(name: str) -> str:
    if name in _COLUMNS:
        return f"person.{_COLUMNS[name]}"
    if name in _WORDS:
        return f"nullIf(person.{_WORDS[name]}, '')"
    if name in _RATIOS:
        return _ratio(*_RATIOS[name], is_money=name == "orders.average")
    if name in _TOUCHES:
        return _touch(*_TOUCHES[name])
    return _OVER_TYPES[name]


def _ratio(dividend: str, divisor: str, *, is_money: bool) -> str:
    """Rounded half-even to four decimals; of nothing NULL."""
    whole, rest = "intDivOrZero(parts.1, parts.2)", "2 * moduloOrZero(parts.1, parts.2)"
    up = f"({rest} > parts.2 OR {rest} = parts.2 AND {whole} % 2 = 1)"
    shown = "toDecimal128({}, 4) / 10000" if is_money else "toFloat64({}) / 10000"
    found = (
        f"arrayMap(parts -> {shown.format(f'({whole} + {up})')}, [(assumeNotNull({dividend}), toInt256({divisor}))])[1]"
    )
    return f"if({divisor} = 0, NULL, {found})"


def _touch(which: str, place: int) -> str:
    part = f"splitByChar('\\0', person.{which})[{place}]"
    return _time(part) if place == 1 else f"nullIf({part}, '')"


def _time(pos: str) -> str:
    """The time at the beginning of what orders facts (pos.sql)."""
    return f"toDateTime64OrNull(nullIf(substring({pos}, 1, 26), ''), 6, 'UTC')"


def _of_types(column: str, condition: str, reduce: str) -> str:
    return f"arrayReduce('{reduce}', mapValues(mapFilter((type, found) -> {condition}, person.{column})))"


_INTERACTION = statement("interaction")
_OVER_TYPES = {
    "interactions.count": _of_types("type_counts", _INTERACTION, "sum"),
    "interactions.last_at": _of_types("type_last", _INTERACTION, "maxOrNull"),
    "feedback.reviews": "person.type_counts['feedback.reviewed']",
    "feedback.last_at": _of_types("type_last", "startsWith(type, 'feedback.')", "maxOrNull"),
    "first_seen": _of_types("type_first", f"type NOT IN {_LINKS}", "minOrNull"),
    "last_seen": _of_types("type_last", f"type NOT IN {_LINKS}", "maxOrNull"),
    "loyalty.points": "toFloat64(person.points)",
    "lifecycle": "CAST(NULL, 'Nullable(String)')",
}


def _lots(condition: str) -> str:
    return f"arrayFilter(lot -> {condition}, person.expiring)"


_ENDS = earliest("arrayMap(lot -> lot.1, person.expiring)")
_COMES_NEAR = earliest(f"arrayMap(lot -> {moved('lot.1', f'-{_SOON}')}, person.expiring)")
_NEAR = _lots(f"lot.1 > {T} AND lot.1 <= {moved(T, str(_SOON))}")
_POINTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "loyalty.expired": (f"toFloat64(arraySum(lot -> lot.2, {_lots(f'lot.1 <= {T}')}))", (_ENDS,)),
    "loyalty.expiring.points": (f"toFloat64(arraySum(lot -> lot.2, {_NEAR}))", (_ENDS, _COMES_NEAR)),
    "loyalty.expiring.next_at": (f"arrayReduce('minOrNull', arrayMap(lot -> lot.1, {_NEAR}))", (_ENDS, _COMES_NEAR)),
}


def _consent(metric: Metric, scope: Scope) -> Found:
    said = f"person.consent[{scope.value(metric.key, 'String')}]"
    pos, data = f"tupleElement({said}, 1)", f"tupleElement({said}, 2)"
    until = f"parseDateTime64BestEffortOrNull(JSONExtractString({data}, 'expires_at'), 6, 'UTC')"
    granted = f"JSONExtractBool({data}, 'granted')"
    part = metric.name.removeprefix("consent.*.")
    sql = {
        "at": _time(pos),
        "source": f"nullIf(splitByChar('\\0', {pos})[2], '')",
        "evidence": f"JSONExtract({data}, 'evidence', 'Nullable(String)')",
        "expires_at": until,
        "granted": f"if({data} = '', NULL, {granted})",
        "effective": f"if({data} = '', NULL, {granted} AND ifNull({until} > {T}, true))",
    }[part]
    return Found(sql, metric.typed, (f"if({granted}, {until}, NULL)",) if part == "effective" else ())
