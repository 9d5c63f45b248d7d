"""What a definition's fields and paths name: in an event, in an order, in a dossier.

Payloads are looked at as the contract normalises them: amounts are amounts however they are spelt, numbers of articles
and orders are text, times are instants.
"""

from decimal import Decimal
from typing import Any

from deploy.oracle.definitions.clock import TIME, possible_time
from deploy.oracle.definitions.values import NUMERAL, StorePath, flat
from deploy.oracle.model import Json, Logged
from deploy.oracle.orders import Order

BODY = ("total", "discount", "shipping", "lines.amount")
PAYMENT = ("amount", "lines.amount")
MONEY = {
    "order.placed": BODY,
    "order.completed": BODY,
    "order.updated": BODY,
    "order.paid": PAYMENT,
    "order.refunded": PAYMENT,
    **{f"product.{did}": ("price",) for did in ("viewed", "added", "removed", "favourited", "shared")},
}
NUMBERED = frozenset("sku order_id refund_id tracking_no ticket_id message_id medium survey tier purpose".split())
TIMES = frozenset("expires_at valid_until due_at".split())
# The dossier's figures that are amounts, and those that are times.
AMOUNTS = frozenset("net_amount average refunded_amount monetary".split())
MOMENTS = frozenset("first_at last_at first_seen last_seen at next_at tier_until expires_at".split())


def of_event(event: Logged, field: str) -> list[Any]:
    """All values of `channel`, `store`, `source`, `data.…` or `context.…`; a list on the way means any of it."""
    if field == "source":
        return [event.source]
    if field in ("channel", "store"):
        said = event.event.get(field)
        return [StorePath(said) if field == "store" else said] if said else []
    top, _, path = field.partition(".")
    assert top in ("data", "context"), f"no field of events: {field}"
    found = walk(event.event.get(top) or {}, path.split("."))
    return [normal(event.type, path, value) for value in found] if top == "data" else found


def walk(value: Any, path: list[str]) -> list[Any]:
    """What lies at the path, through lists and objects; null is nothing."""
    if isinstance(value, list):
        return [found for part in value for found in walk(part, path)]
    if not path:
        return flat(value)
    return walk(value.get(path[0]), path[1:]) if isinstance(value, dict) else []


def normal(kind: str, path: str, value: Any) -> Any:
    """A value of a payload as the contract normalises it."""
    name = path.rpartition(".")[2]
    if path in MONEY.get(kind, ()):
        return Decimal(str(value))
    if name in NUMBERED and isinstance(value, int) and not kind.startswith("custom."):
        return str(value)
    return instant_if(name in TIMES, value)


def instant_if(is_time: bool, value: Any) -> Any:
    """The instant where a time is meant and written; else as it is."""
    return possible_time(value) if is_time and isinstance(value, str) and TIME.fullmatch(value) else value


def of_order(order: Order, field: str, store: str | None) -> list[Any]:
    """All values of one field of an order; its lines each have theirs, and blank ones say nothing."""
    if field in ("category", "brand", "sku"):
        return [str(line[field]) for line in order.lines if line.get(field) not in (None, "")]
    return flat({
        "state": order.state,
        "net_amount": order.net,
        "total": order.total,
        "store": StorePath(store) if store else None,
        "channel": order.channel,
        "source": order.source,
    }[field])  # fmt: skip


def of_dossier(dossier: Json, path: str) -> list[Any]:
    """The figure at the path; amounts as amounts, times as instants, null as nothing."""
    name = path.rpartition(".")[2]
    found = figures(dossier, path)
    if name in AMOUNTS:
        return [Decimal(value) for value in found if NUMERAL.fullmatch(value)]
    return [instant_if(name in MOMENTS, value) for value in found]


def figures(part: Any, path: str) -> list[Any]:
    """What lies at the path; a key may itself have dots, such as `app.opened` within `by_type`."""
    if isinstance(part, list):
        return [found for one in part for found in figures(one, path)]
    if not isinstance(part, dict):
        return []
    if path in part:
        return flat(part[path])
    heads = [key for key in part if path.startswith(key + ".")]
    return figures(part[max(heads, key=len)], path[len(max(heads, key=len)) + 1 :]) if heads else []
