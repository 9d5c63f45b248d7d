"""Two mixes of traffic, as endless streams of native events: the same for the same seed, but for their ids and times.

Of a hundred events 90 are interactions, 8 orders and 2 feedback, at 224 bytes on average. `sessions`: customers come
with ten events in a burst. `scattered`: every event is another customer's. Events are put together from what is
rendered once, so that making one takes a microsecond or two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count, islice
from math import gcd
from random import Random
from typing import Literal, get_args

from deploy.bench.facts import CATEGORIES, CHANNELS
from deploy.bench.scale import address_of

Mix = Literal["sessions", "scattered"]
MIXES: tuple[Mix, ...] = get_args(Mix)
BURST = 10
"""Events of a customer in a row, in sessions."""

Said = tuple[str, str]
"""An event's type and its data, as JSON."""

_OF_A_HUNDRED = (*("interaction",) * 90, *("order",) * 8, *("feedback",) * 2)
_HUNDREDS = 50
_IDS, _, _VALUE = address_of(0).removesuffix("0").partition(":")


def stream(
    mix: Mix, customers: int, seed: int, run: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[bytes]:
    """Events without end. `run` makes their ids its own: `{run}-{number}`, from 0. They occur as they are made."""
    chance = Random(seed)  # noqa: S311 -- made-up data, guards nothing
    pieces, named = _pieces(chance), run.encode()
    whose, burst = _customers(customers, chance), BURST if mix == "sessions" else 1
    when, customer = b"", 0
    for number in count():
        if number % 100 == 0:  # a hundred share a look at the clock; what is below a tenth of a millisecond counts them
            when = now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-2].encode()
        if number % burst == 0:
            customer = next(whose)
        event_id, (piece, is_order) = b"%b-%d" % (named, number), pieces[number % len(pieces)]
        said = (event_id, when, number % 100, customer)
        yield piece % ((*said, event_id) if is_order else said)


def lines(events: Iterator[bytes], size: int) -> Iterator[bytes]:
    """So many of the events each as NDJSON, without end if they are."""
    while body := b"\n".join(islice(events, size)):
        yield body


def _customers(customers: int, chance: Random) -> Iterator[int]:
    """Everybody once, then all again; neighbours are far from each other."""
    step = customers // 3 + chance.randrange(1, customers)
    while gcd(step, customers) != 1:
        step += 1
    at = chance.randrange(customers)
    while True:
        yield at
        at = (at + step) % customers


def _pieces(chance: Random) -> list[tuple[bytes, bool]]:
    """Events with gaps for id, time and customer; and whether it is an order: that has one more, for its number."""
    found = []
    for _ in range(_HUNDREDS):
        kinds = list(_OF_A_HUNDRED)
        chance.shuffle(kinds)
        found += [(_piece(_MAKE[kind](chance), chance.choice(CHANNELS)), kind == "order") for kind in kinds]
    return found


def _piece(said: Said, channel: str) -> bytes:
    kind, data = said
    head = f'{{"event_id":"%b","type":"{kind}","occurred_at":"%b%02dZ","ids":{{"{_IDS}":"{_VALUE}%d"}},'
    return f'{head}"channel":"{channel}","data":{data}}}'.encode()


def _interaction(chance: Random) -> Said:
    category, sku, price = chance.choice(CATEGORIES), chance.randrange(2000), chance.randrange(9, 909)
    product = f'{{"sku":"P-{sku}","category":"{category}","price":"{price}","url":"/P-{sku}"}}'
    page = f'{{"url":"/{category}/list?page={sku}&by=new","seconds":{price}}}'
    search = f'{{"query":"{category} under {price}","results":{sku}}}'
    opened = f'{{"version":"8.{sku}","device":"phone-{price}","screen":"{category}"}}'
    return chance.choice((
        *[("page.viewed", page)] * 4, *[("product.viewed", product)] * 3, ("product.added", product),
        ("search.performed", search), ("app.opened", opened),
    ))  # fmt: skip


def _order(chance: Random) -> Said:
    amounts = [f"{chance.randrange(9, 900)}.{chance.randrange(100):02d}" for _ in range(2)]
    cents = sum(int(amount.replace(".", "")) for amount in amounts)
    bought = ",".join(
        f'{{"sku":"P-{chance.randrange(2000)}","category":"{chance.choice(CATEGORIES)}",'
        f'"quantity":{chance.randint(1, 3)},"amount":"{amount}"}}'
        for amount in amounts
    )
    return "order.completed", f'{{"order_id":"%b","total":"{cents // 100}.{cents % 100:02d}","lines":[{bought}]}}'


def _feedback(chance: Random) -> Said:
    scale, most = chance.choice((("csat", 5), ("nps", 10)))
    sku = chance.randrange(2000)
    about = f'{{"sku":"P-{sku}"}}'
    return "feedback.rated", f'{{"scale":"{scale}","score":{chance.randint(1, most)},"about":{about},"comment":"…"}}'


_MAKE: dict[str, Callable[[Random], Said]] = {"interaction": _interaction, "order": _order, "feedback": _feedback}
