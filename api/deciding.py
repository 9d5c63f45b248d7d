"""Decisions about suggested matches: an acceptance becomes an event, a rejection is remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any, Literal, Protocol

from api.publishing import EventWriter, ids_of
from projections.matching import Status, Suggestion
from schemas.errors import NotFound, RequestError
from schemas.identifiers import Identifier
from schemas.positions import Position
from schemas.times import format_time


class Store(Protocol):
    """Where suggestions are kept; `projections.matching.SuggestionStore` is one."""

    def find(self, suggestion_id: str) -> Suggestion | None:
        """One suggestion, whatever became of it."""

    def keep(self, suggestion: Suggestion) -> None:
        """Remember a decision, or that one has begun."""

    def page(self, status: Status, before: tuple[float, str], limit: int) -> list[Suggestion]:
        """Those in a state, the likeliest first, after the (probability, suggestion_id) given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where suggestions are decided. Its methods block: call them in threads."""

    store: Store
    writer: EventWriter
    identifier: Callable[[str], Identifier]
    """Reads an address."""
    clock: Callable[[], datetime]
    _lock: Lock = field(default_factory=Lock)

    def accept(self, suggestion_id: str) -> Position:
        """Say with an event that the two are one person; gives where it lies. Done again, it says the same.

        Raises NotFound, RequestError `already_decided` or `no_common_source`, Unavailable: then accept again.
        """
        with self._lock:
            found = self._find(suggestion_id, "accepted")
            identifiers = [self.identifier(root) for root in (found.left_root, found.right_root)]
            source = self.writer.source_of(identifiers)
            if not found.decided_at:
                # Before the event: whoever accepts again after a failure must say it with the same time.
                found = replace(found, decided_at=self.clock())
                self.store.keep(found)
        position = self.writer.publish(_link(found, identifiers), source)
        if found.status != "accepted":
            self.store.keep(replace(found, status="accepted"))
        return position

    def reject(self, suggestion_id: str) -> None:
        """Remember that the two are not one person, as far as suggestions go: the pair is not proposed again."""
        with self._lock:
            found = self._find(suggestion_id, "rejected")
            if found.status != "rejected":
                self.store.keep(replace(found, status="rejected", decided_at=self.clock()))

    def _find(self, suggestion_id: str, wanted: Literal["accepted", "rejected"]) -> Suggestion:
        """A suggestion that may be decided so: it is open, or was decided just so before."""
        found = self.store.find(suggestion_id)
        if found is None:
            raise NotFound("There is no suggestion with this id.")
        begun = "accepted" if found.status == "open" and found.decided_at else found.status
        if begun not in {"open", wanted}:
            raise RequestError("already_decided", f"This suggestion was {begun}; it cannot be {wanted} any more.")
        return found


def event_id(suggestion_id: str) -> str:
    """The id of the event an acceptance becomes."""
    return f"match:{suggestion_id}"


def _link(suggestion: Suggestion, identifiers: list[Identifier]) -> dict[str, Any]:
    assert suggestion.decided_at  # noqa: S101 -- `accept` has just seen to it
    return {
        "event_id": event_id(suggestion.suggestion_id),
        "type": "customer.linked",
        "occurred_at": format_time(suggestion.decided_at),
        "ids": ids_of(identifiers),
        "data": {"reason": "a suggested match was accepted"},
    }
