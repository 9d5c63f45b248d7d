"""Signed links by which a customer gives a score with one click."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ingest.channels.channel import Answer, Call, Item, Path
from ingest.channels.pages import page
from ingest.receipt import Receipt
from schemas.errors import CdpError, RequestError
from schemas.rate_links import RateLink, data_of, verify
from schemas.sources import Source
from schemas.times import format_time

ADDRESS = "/v1/rate/{token}"
_TEXT = {"type": "string", "pattern": r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$"}
_TOKEN = {"name": "token", "in": "path", "required": True, "schema": _TEXT}
_LOOKING_AHEAD = ("sec-purpose", "purpose", "x-purpose", "x-moz")


@dataclass(frozen=True, slots=True)
class RateLinks:
    """One click, one `feedback.rated`. Of several clicks on one question the first stands."""

    signing_key: bytes
    """b'': no link is known."""
    sources: Mapping[str, Source]

    name = "rate-link"
    browsers = False
    paths: ClassVar[Sequence[Path]] = (
        Path("GET", ADDRESS, "rate", "Take the score that a signed link says; the answer is a page.", (_TOKEN,)),
    )
    pointers: ClassVar[Sequence[tuple[str, str]]] = ()
    answers: ClassVar[Mapping[int | str, dict[str, Any]]] = {
        status: {"description": said, "content": {"text/html": {}}}
        for status, said in {
            200: "Thanks: Kafka has acknowledged the score.",
            404: "The link was not made here.",
            410: "The link has expired.",
            429: "Too many clicks from one address.",
            503: "It cannot be kept now, or the page was only fetched ahead; click again.",
        }.items()
    }

    def key(self, call: Call) -> Source:
        """The source that the link names. Raises RequestError."""
        source = self.sources.get(self._link(call).source)
        if source is None:
            raise RequestError("unauthorized", "The source of this link is not declared any more.")
        return source

    def translate(self, call: Call, source: Source) -> Iterable[Item]:  # noqa: ARG002 -- the link's
        """One score; none where a browser only looks ahead."""
        if _is_looking_ahead(call):
            return []
        link = self._link(call)
        native = {
            "event_id": link.event_id,
            "type": "feedback.rated",
            "occurred_at": format_time(call.received_at),
            "time_derived": True,
            "ids": dict(link.ids),
            "channel": "link",
            "data": data_of(link),
            **({"context": {"campaign": link.campaign}} if link.campaign else {}),
        }
        return [Item(call.path["token"].encode(), [native])]

    def answer(self, call: Call, outcome: Receipt | CdpError) -> Answer | None:
        """A page, whatever happened: a person looks at it."""
        if isinstance(outcome, Receipt):
            if _is_looking_ahead(call):
                return page(503, "later", **{"Retry-After": "1"})
            return page(404, "invalid") if outcome.refused else page(200, "thanks")
        if outcome.code == "link_expired":
            return page(410, "expired")
        if outcome.code == "unauthorized":
            return page(404, "invalid")
        return page(429 if outcome.status == 429 else 503, "later", **{"Retry-After": "1"})

    def _link(self, call: Call) -> RateLink:
        return verify(call.path.get("token", ""), self.signing_key, call.received_at.timestamp())


def _is_looking_ahead(call: Call) -> bool:
    """Browsers fetch pages that may be opened next; what is answered with an error they fetch again on the click."""
    said = " ".join(call.headers.get(name, "") for name in _LOOKING_AHEAD).lower()
    return "prefetch" in said or "preview" in said
