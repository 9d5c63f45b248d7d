"""Position tokens: how far in the log a request's events lie. Opaque to channels."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec

from schemas.errors import RequestError
from schemas.topics import ROLES

MAX_TOKEN = 4096

Position = dict[str, dict[int, int]]
"""Role of a topic to partition to the last offset of it that matters."""

_Natural = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_DECODER = msgspec.json.Decoder(dict[str, dict[_Natural, _Natural]], strict=False)


def encode(position: Mapping[str, Mapping[int, int]]) -> str:
    """Write a position as a token that needs no escaping in a URL; equal positions give equal tokens."""
    ordered = {role: dict(sorted(position[role].items())) for role in sorted(position) if position[role]}
    text = msgspec.json.encode(ordered)
    return urlsafe_b64encode(text).rstrip(b"=").decode()


def decode(token: str) -> Position:
    """Read a token. Raises RequestError `bad_parameter` for what `encode` never made."""
    try:
        if len(token) > MAX_TOKEN:
            raise ValueError
        position = _DECODER.decode(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, msgspec.MsgspecError, RecursionError):
        raise RequestError("bad_parameter", "This is not a position that ingest gave out.") from None
    if not set(position) <= set(ROLES):
        raise RequestError("bad_parameter", "This position speaks of a topic that is not known here.")
    return position


def merge(tokens: Iterable[str]) -> Position:
    """Give the position that lies behind all of these: per partition the greatest offset."""
    furthest: Position = {}
    for token in tokens:
        for role, offsets in decode(token).items():
            known = furthest.setdefault(role, {})
            for partition, offset in offsets.items():
                known[partition] = max(offset, known.get(partition, -1))
    return furthest
