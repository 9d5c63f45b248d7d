"""Two years of facts straight into ClickHouse: made there, a slice at a time, the same for the same seed and end.

They are rows as the recorder writes them (projections/facts.py). Claims and ledger are left out: no fold reads them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from deploy.bench.scale import Scale
from projections.database import Database

SPAN = timedelta(days=730)
SOURCE = "bench"
CITIES = ("上海", "北京", "杭州", "广州", "深圳", "成都", "武汉", "西安", "南京", "重庆")
CATEGORIES = (
    "perfume", "skincare", "makeup", "shoes", "bags", "books", "toys", "coffee", "tea", "snacks", "sport", "home",
)  # fmt: skip
CHANNELS = ("app", "web", "mini", "pos")
MALLS = 10
_ROWS_A_SLICE = 1_000_000

# Each customer has one of the first rows, some of them what the customer said of itself; all others go to customers
# by a power law. Times are whole milliseconds: what occurred after it was received would be dated ahead.
_FILL = """
INSERT INTO events (key, subject, ids, thing, source, event_id, type, occurred_at, utc_offset, received_at,
                    schema_version, content_hash, hash_version, channel, store, currency, amount, data, context,
                    topic, log_partition, log_offset, log_index)
WITH
    salt -> cityHash64(number, salt, {seed:UInt64}) AS draw,
    salt -> (draw(salt) % 1000000) / 1000000 AS share,
    if(number < {customers:UInt64}, number,
       least(toUInt64({customers:UInt64} * pow(share(1), 1.7)), {customers:UInt64} - 1)) AS customer,
    draw(2) % 1000 AS kind,
    concat('member_id:b', toString(customer)) AS person,
    toString(number) AS name,
    {categories:Array(String)}[draw(3) % length({categories:Array(String)}) + 1] AS category,
    concat('P-', toString(draw(4) % 2000)) AS sku,
    multiIf(
        number < {customers:UInt64} AND draw(5) % 5 < 2, 'customer.identified',
        kind < 340, 'page.viewed', kind < 600, 'product.viewed', kind < 730, 'app.opened',
        kind < 790, 'search.performed', kind < 840, 'product.added', kind < 860, 'product.favourited',
        kind < 880, 'checkout.started', kind < 900, 'store.visited', kind < 980, 'order.completed',
        kind < 988, 'feedback.rated', kind < 994, 'feedback.rated', kind < 996, 'feedback.reviewed', 'ticket.opened'
    ) AS said,
    arrayMap(line -> (
        concat('P-', toString(draw(line + 10) % 2000)),
        {categories:Array(String)}[draw(line + 20) % length({categories:Array(String)}) + 1],
        concat('brand-', toString(draw(line + 30) % 40)),
        1 + draw(line + 40) % 3,
        toDecimal64(900 + toUInt64(pow(share(line + 50), 3) * 90000), 4) / toDecimal64(100, 0)
    ), range(1 + draw(6) % 3)) AS lines,
    arraySum(line -> line.5, lines) AS total,
    multiIf(said = 'order.completed', concat('order:bench/', name),
            said = 'ticket.opened', concat('ticket:bench/', name), '') AS about
SELECT
    if(about = '', person, about), person, [person], about, {source:String}, concat('b', name), said,
    fromUnixTimestamp64Milli({end:Int64} - toInt64(share(7) * {span:Int64}), 'UTC') AS moment, 480, moment,
    1, MD5(name), 1,
    if(said = 'store.visited', 'pos', {channels:Array(String)}[draw(8) % length({channels:Array(String)}) + 1]),
    if(said IN ('order.completed', 'store.visited'),
       concat('mall-', toString(draw(9) % {malls:UInt8}), '/brand-', toString(draw(60) % 5),
              '/store-', toString(draw(61) % 4)), ''),
    {currency:String}, if(said = 'order.completed', total, NULL),
    multiIf(
        said = 'customer.identified', concat(
            '{"traits":{"city":"', {cities:Array(String)}[draw(62) % length({cities:Array(String)}) + 1],
            '","gender":"', if(draw(63) % 2 = 0, 'female', 'male'),
            '","birthday":"', toString(toDate('1955-01-01') + draw(64) % 18000), '"}}'),
        said = 'order.completed', concat(
            '{"order_id":"', name, '","currency":"', {currency:String}, '","total":"', toString(total), '","lines":[',
            arrayStringConcat(arrayMap(line -> concat(
                '{"sku":"', line.1, '","category":"', line.2, '","brand":"', line.3, '","quantity":', toString(line.4),
                ',"amount":"', toString(line.5), '"}'), lines), ','),
            if(draw(65) % 4 = 0, '],"coupon":"C-1","discount":"10"}', ']}')),
        said = 'feedback.rated', if(kind < 988,
            concat('{"scale":"csat","score":', toString(1 + draw(66) % 5), '}'),
            concat('{"scale":"nps","score":', toString(draw(66) % 11), '}')),
        said = 'feedback.reviewed', '{"text":"…","stars":4}',
        said = 'ticket.opened', concat(
            '{"ticket_id":"', name, '","kind":"', ['complaint', 'question', 'return'][draw(67) % 3 + 1], '"}'),
        startsWith(said, 'product.'), concat(
            '{"sku":"', sku, '","category":"', category, '","price":"', toString(9 + draw(68) % 900), '"}'),
        said = 'search.performed', concat('{"query":"', category, '"}'),
        said = 'page.viewed', concat('{"url":"/', category, '/', toString(draw(69) % 500), '"}'), '{}'),
    '{}', {topic:String}, 0, number, 0
FROM numbers({first:UInt64}, {rows:UInt64})
"""


def make_facts(
    database: Database, scale: Scale, currency: str, topic: str, end: datetime, advance: Callable[[float], None]
) -> None:
    """Write them, the latest before `end`; `advance` is told the rows of each slice. As many as the scale's events."""
    asked = {
        "seed": scale.seed,
        "customers": scale.customers,
        "currency": currency,
        "topic": topic,
        "source": SOURCE,
        "end": int(end.timestamp() * 1000),
        "span": SPAN // timedelta(milliseconds=1),
        "cities": list(CITIES),
        "categories": list(CATEGORIES),
        "channels": list(CHANNELS),
        "malls": MALLS,
    }
    for first in range(0, scale.events, _ROWS_A_SLICE):
        rows = min(_ROWS_A_SLICE, scale.events - first)
        database.execute(_FILL, {**asked, "first": first, "rows": rows})
        advance(rows)
