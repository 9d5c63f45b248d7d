"""What we say to customers and they to us: messages, service, feedback, surveys, tickets."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from schemas.errors import InvalidValue
from schemas.events.envelope import Data, Envelope
from schemas.events.fields import AnyObject, Key, NotNegative, Number, Stars, Time

SCALES = {"csat": (1, 5), "nps": (0, 10), "stars": (1, 5)}


class Message(Data):
    """One message to one customer."""

    message_id: Key
    medium: Key
    campaign: str | None = None


class Contact(Data):
    """One conversation with service; `seconds` is how long it took."""

    medium: Key
    agent: str | None = None
    topic: str | None = None
    seconds: NotNegative | None = None


class About(Data):
    """What feedback is about."""

    order_id: Key | None = None
    sku: Key | None = None
    store: str | None = None
    agent: str | None = None


class Rating(Data):
    """A score within its scale; an average may have decimals, a promoter score may not."""

    scale: Literal["csat", "nps", "stars"]
    score: Number
    about: About | None = None
    comment: str | None = None

    @model_validator(mode="after")
    def _within_its_scale(self) -> Self:
        least, most = SCALES[self.scale]
        if not least <= self.score <= most or (self.scale == "nps" and not isinstance(self.score, int)):
            whole = "a whole number " if self.scale == "nps" else ""
            raise InvalidValue("invalid_value", f"should be {whole}from {least} to {most} for {self.scale}", ("score",))
        return self


class Review(Data):
    """Words about something bought or lived through."""

    text: str
    stars: Stars | None = None
    about: About | None = None


class Survey(Data):
    """Question to answer."""

    survey: Key
    answers: AnyObject


class Ticket(Data):
    """A case, from opened to resolved."""

    ticket_id: Key
    kind: Literal["complaint", "question", "suggestion", "return", "repair"]
    subject: str | None = None
    priority: str | None = None
    assignee: str | None = None
    note: str | None = None
    due_at: Time | None = None


class MessageEvent(Envelope):
    """A message on its way; without ids it is of whom the message went to."""

    least_ids: ClassVar[int] = 0
    thing: ClassVar[Literal["message"]] = "message"
    type: Literal["message.sent", "message.delivered", "message.opened", "message.clicked", "message.unsubscribed"]
    data: Message


class ServiceContacted(Envelope):
    """A customer spoke with service."""

    type: Literal["service.contacted"]
    data: Contact


class FeedbackRated(Envelope):
    """A customer gave a score."""

    type: Literal["feedback.rated"]
    data: Rating


class FeedbackReviewed(Envelope):
    """A customer wrote a review."""

    type: Literal["feedback.reviewed"]
    data: Review


class SurveyAnswered(Envelope):
    """A customer answered a survey."""

    type: Literal["survey.answered"]
    data: Survey


class TicketEvent(Envelope):
    """A step of a ticket; without ids it is of whose the ticket is."""

    least_ids: ClassVar[int] = 0
    thing: ClassVar[Literal["ticket"]] = "ticket"
    type: Literal["ticket.opened", "ticket.updated", "ticket.resolved", "ticket.reopened"]
    data: Ticket
