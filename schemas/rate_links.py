"""Links by which a customer gives a score with one click: what they say, signed. Whoever has one can read it.

A link is `payload.signature`, both base64url: compact JSON, and the first 16 bytes of its HMAC-SHA256.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from hashlib import blake2b, sha256
from typing import Annotated, Literal

import msgspec
from pydantic import BaseModel, Field, StringConstraints, ValidationError

from schemas.errors import RequestError
from schemas.sources import SOURCE_PATTERN

MAX_TOKEN = 2000
_SIGNATURE_BYTES = 16
_PURPOSE = b"cdp rating links, version 1"
_ENCODER = msgspec.json.Encoder(order="sorted")

Part = Annotated[str, StringConstraints(min_length=1, max_length=200)]
About = Literal["order_id", "sku", "store", "agent"]


class RateLink(BaseModel, frozen=True, extra="forbid"):
    """One score, of one customer, about one thing."""

    source: Annotated[str, StringConstraints(pattern=SOURCE_PATTERN, max_length=64)]
    ids: dict[Part, Part] = Field(min_length=1)
    scale: Literal["csat", "nps", "stars"]
    score: int
    expires: int
    """Seconds since 1970."""
    about: dict[About, Part] = Field(default_factory=dict)
    campaign: Part | None = None

    @property
    def event_id(self) -> str:
        """The same for every score of one question to one customer: it is answered once."""
        question = [self.source, self.ids, self.scale, self.about, self.campaign]
        return f"rate:{blake2b(_ENCODER.encode(question), digest_size=16).hexdigest()}"


def signing_key(secret: str) -> bytes:
    """The key of these links, made of the platform's secret, which may sign other things as well."""
    return hmac.digest(secret.encode(), _PURPOSE, sha256)


def sign(link: RateLink, key: bytes) -> str:
    """The token of a link."""
    payload = _ENCODER.encode(link.model_dump(exclude_defaults=True))
    return f"{_written(payload)}.{_written(_signature(payload, key))}"


def verify(token: str, key: bytes, now: float) -> RateLink:
    """Read a token. Raises RequestError: unauthorized where it was not signed here, link_expired."""
    payload, signature = _read(token)
    if not key or not hmac.compare_digest(signature, _signature(payload, key)):
        raise RequestError("unauthorized", "This link was not made here, or not copied as a whole.")
    try:
        link = RateLink.model_validate_json(payload)
    except ValidationError:
        raise RequestError("unauthorized", "This link was made by another version.") from None
    if link.expires <= now:
        raise RequestError("link_expired", "This link has expired.")
    return link


def _read(token: str) -> tuple[bytes, bytes]:
    payload, _, signature = token.partition(".")
    try:
        return _bytes(payload), _bytes(signature)
    except (Base64Error, ValueError):
        return b"", b""


def _signature(payload: bytes, key: bytes) -> bytes:
    return hmac.digest(key, payload, sha256)[:_SIGNATURE_BYTES]


def _written(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    if len(text) > MAX_TOKEN:
        raise ValueError(text[:0])
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))


def data_of(link: RateLink) -> Mapping[str, object]:
    """What its event says."""
    about = {"about": dict(link.about)} if link.about else {}
    return {"scale": link.scale, "score": link.score, **about}
