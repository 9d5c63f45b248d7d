"""Definitions asked of histories written by hand."""

from datetime import datetime, timedelta
from typing import Any

from deploy.oracle.definitions.conditions import holds
from deploy.oracle.definitions.facts import Person
from deploy.oracle.definitions.population import world
from deploy.oracle.model import Json
from tests.oracle.written import START, Said, said, written

ANN = "member_id:M1"
INSTANT = timedelta(microseconds=1)


def at(day: float) -> datetime:
    """So many days after the beginning, which is 08:00 in Shanghai on Thursday, 1 January 2026."""
    return START + timedelta(days=day)


def ann(*history: Said, now: datetime, **view: Any) -> Person:
    """Ann as she is known then."""
    return world(written(*history), now, **view).person(ANN)


def held(node: Json, *history: Said, now: datetime | None = None, **view: Any) -> bool:
    """Whether the node holds for Ann, by default ten days after the beginning."""
    return holds(ann(*history, now=now or at(10), **view), node)


def opened(day: float = 0, **more: Any) -> Said:
    """Ann opens the app."""
    return said("app.opened", "M1", day, **more)


def bought(order_id: str, total: Any, day: float = 1, *, kind: str = "completed", **more: Any) -> Said:
    """Ann's order."""
    return said(f"order.{kind}", "M1", day, **({"order_id": order_id, "total": total, "lines": []} | more))


def known_as(day: float = 0, **traits: Any) -> Said:
    """What Ann says of herself."""
    return said("customer.identified", "M1", day, traits=traits)
