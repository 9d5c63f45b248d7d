"""Who is in a segment and which value of a tag everybody has, at `as_of` or now."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from deploy.oracle.definitions.conditions import holds, value_of
from deploy.oracle.definitions.facts import EMPTY, Library, Share, Terms, World, share
from deploy.oracle.fold import NOBODY_TRUSTED, SHANGHAI
from deploy.oracle.model import ALONE, By, Json, Logged
from deploy.oracle.owners import known
from deploy.oracle.traits import Trusted


def world(
    log: Iterable[Logged],
    now: datetime,
    *,
    as_of: datetime | None = None,
    by: By = "occurred_at",
    currency: str = "CNY",
    zone: str = SHANGHAI,
    orders_of: Mapping[str, str] = ALONE,
    definitions: Library = EMPTY,
    share: Share = share,
    trusted: Trusted = NOBODY_TRUSTED,
) -> World:
    """Everybody at that moment; several definitions may be asked of one world."""
    return World(known(log, as_of or now, by, orders_of), Terms(currency, zone, definitions, share, trusted))


def members(log: Iterable[Logged], definition: Json, now: datetime, **view: Any) -> set[str]:
    """The roots of all whom the segment holds for; `view` is what `world` takes."""
    return members_of(world(log, now, **view), definition)


def members_of(everyone: World, definition: Json) -> set[str]:
    """The same, of a world."""
    return {person.root for person in everyone.everybody() if holds(person, definition["where"])}


def tag_values(log: Iterable[Logged], definition: Json, now: datetime, **view: Any) -> dict[str, Any]:
    """The tag's value by root of all who have one; `view` is what `world` takes."""
    return tag_values_of(world(log, now, **view), definition)


def tag_values_of(everyone: World, definition: Json) -> dict[str, Any]:
    """The same, of a world."""
    values = {person.root: value_of(person, definition) for person in everyone.everybody()}
    return {root: value for root, value in values.items() if value is not None}
