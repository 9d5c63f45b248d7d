"""The hash that tells the same event sent twice from two events under one id.

Content is the normalised event without `context`: spelling of numbers and identifiers, the order of keys and
the offset of a time do not matter. Nor does a time that was worked out from when the event was sent or received:
sent again, it comes out otherwise. The source and its scope are left out: ids are compared within one source.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson

from schemas.identifiers import Identifier

HASH_VERSION = 1
"""Goes up when the same event would get another hash: hashes of two versions say nothing about each other."""


def content_hash(
    event_type: str,
    occurred_at: datetime | None,
    ids: Sequence[Identifier],
    labels: tuple[str, str, str],
    data: dict[str, Any],
) -> bytes:
    """Hash to 16 bytes; `labels` are channel, store and batch, `data` is normalised, its numbers plain.

    `occurred_at` is None where it is no content.
    """
    content = [event_type, occurred_at, [f"{each.type}:{each.value}" for each in ids], labels, data]
    return blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
