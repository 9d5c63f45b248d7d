"""Who customers are, what they allow, what they have earned; and events that take others back."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from schemas.errors import InvalidValue
from schemas.events.envelope import Data, Envelope
from schemas.events.fields import AnyObject, EventId, Key, Label, Number, Time


class Traits(Data):
    """What is known of a customer: name, gender, birthday, city, province, country, address, … any."""

    traits: AnyObject


class Reason(Data):
    """Why, if anyone said."""

    reason: str | None = None


class Consent(Data):
    """Leave given or taken back, for one purpose."""

    purpose: Key
    granted: bool
    evidence: str | None = None
    expires_at: Time | None = None


class Points(Data):
    """Points moved; `adjusted` may be negative."""

    points: Number
    reason: str | None = None
    order_id: Key | None = None
    expires_at: Time | None = None


class Tier(Data):
    """The tier from now on."""

    tier: Key
    valid_until: Time | None = None


class Void(Data):
    """One event or one batch of the same source, as if it had never been."""

    event_id: EventId | None = None
    batch: Label | None = None
    reason: str | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if not self.event_id and not self.batch:
            raise InvalidValue("missing_field", "or data.batch says what is voided", ("event_id",))
        if self.event_id and self.batch:
            raise InvalidValue("invalid_value", "should not stand beside event_id: one of them is voided", ("batch",))
        return self


class CustomerIdentified(Envelope):
    """Something was learnt about a customer."""

    type: Literal["customer.identified"]
    data: Traits


class CustomerLinked(Envelope):
    """Someone says that these identifiers are, or are not, one person's."""

    least_ids: ClassVar[int] = 2
    type: Literal["customer.linked", "customer.unlinked"]
    data: Reason


class ConsentChanged(Envelope):
    """A customer said yes or no."""

    type: Literal["consent.changed"]
    data: Consent


class PointsMoved(Envelope):
    """The balance of points changed."""

    type: Literal["points.earned", "points.spent", "points.adjusted"]
    data: Points

    @model_validator(mode="after")
    def _only_adjusted_may_be_negative(self) -> Self:
        if self.data.points < 0 and self.type != "points.adjusted":
            raise InvalidValue("invalid_value", f"should not be negative for {self.type}", ("data", "points"))
        return self


class TierChanged(Envelope):
    """The customer's tier changed."""

    type: Literal["tier.changed"]
    data: Tier


class EventVoided(Envelope):
    """An earlier event, or a whole batch, was wrong."""

    least_ids: ClassVar[int] = 0
    type: Literal["event.voided"]
    data: Void
