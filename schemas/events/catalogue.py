"""All event types, and the one reader that tells them apart by `type`."""

from __future__ import annotations

import re
from typing import Annotated, get_args

from pydantic import Discriminator, StringConstraints, Tag, TypeAdapter

from schemas.events import customers, orders, service, visits
from schemas.events.envelope import Data, Envelope

CUSTOM_PATTERN = r"^custom\.[a-z0-9_.-]+$"
_CUSTOM = re.compile(r"custom\.[a-z0-9_.-]{1,193}\Z")


class Custom(Envelope):
    """Anything else: custom.<name>, with any data."""

    type: Annotated[str, StringConstraints(pattern=CUSTOM_PATTERN, max_length=200)]
    data: Data


FAMILIES: tuple[type[Envelope], ...] = (
    orders.OrderStated,
    orders.OrderUpdated,
    orders.OrderPaid,
    orders.OrderShipped,
    orders.OrderCancelled,
    orders.OrderRefunded,
    visits.ProductEvent,
    visits.VisitEvent,
    service.MessageEvent,
    service.ServiceContacted,
    service.FeedbackRated,
    service.FeedbackReviewed,
    service.SurveyAnswered,
    service.TicketEvent,
    customers.CustomerIdentified,
    customers.CustomerLinked,
    customers.ConsentChanged,
    customers.PointsMoved,
    customers.TierChanged,
    customers.EventVoided,
)

_FAMILY = {name: family.__name__ for family in FAMILIES for name in get_args(family.model_fields["type"].annotation)}

EVENT_TYPES: tuple[str, ...] = tuple(_FAMILY)
"""Every type but the customs."""


def is_event_type(name: str) -> bool:
    """Tell whether events may have this type."""
    return name in _FAMILY or is_custom(name)


def is_custom(name: str) -> bool:
    """Tell whether this is a type of a channel's own."""
    return _CUSTOM.match(name) is not None


def family_of(event: object) -> str | None:
    """Name the model that reads an event, by its `type`; None for a type there is not."""
    name = event.get("type") if isinstance(event, dict) else getattr(event, "type", None)
    if not isinstance(name, str):
        return None
    return _FAMILY.get(name) or (Custom.__name__ if is_custom(name) else None)


NativeEvent = Annotated[
    Annotated[orders.OrderStated, Tag("OrderStated")]
    | Annotated[orders.OrderUpdated, Tag("OrderUpdated")]
    | Annotated[orders.OrderPaid, Tag("OrderPaid")]
    | Annotated[orders.OrderShipped, Tag("OrderShipped")]
    | Annotated[orders.OrderCancelled, Tag("OrderCancelled")]
    | Annotated[orders.OrderRefunded, Tag("OrderRefunded")]
    | Annotated[visits.ProductEvent, Tag("ProductEvent")]
    | Annotated[visits.VisitEvent, Tag("VisitEvent")]
    | Annotated[service.MessageEvent, Tag("MessageEvent")]
    | Annotated[service.ServiceContacted, Tag("ServiceContacted")]
    | Annotated[service.FeedbackRated, Tag("FeedbackRated")]
    | Annotated[service.FeedbackReviewed, Tag("FeedbackReviewed")]
    | Annotated[service.SurveyAnswered, Tag("SurveyAnswered")]
    | Annotated[service.TicketEvent, Tag("TicketEvent")]
    | Annotated[customers.CustomerIdentified, Tag("CustomerIdentified")]
    | Annotated[customers.CustomerLinked, Tag("CustomerLinked")]
    | Annotated[customers.ConsentChanged, Tag("ConsentChanged")]
    | Annotated[customers.PointsMoved, Tag("PointsMoved")]
    | Annotated[customers.TierChanged, Tag("TierChanged")]
    | Annotated[customers.EventVoided, Tag("EventVoided")]
    | Annotated[Custom, Tag("Custom")],
    Discriminator(family_of),
]
"""Any event, as its family's model."""

NATIVE_EVENT: TypeAdapter[Envelope] = TypeAdapter(NativeEvent)
