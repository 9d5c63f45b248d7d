"""Where clients put their write key: in a header, in the address, in the body."""

from __future__ import annotations

from ingest.channels.channel import Call
from ingest.channels.reading import member_text
from ingest.keys import presented_key


def key_in_head(call: Call) -> bytes:
    """Basic user, Bearer, X-Write-Key, or `writeKey` in the address, where browsers' clients put it; b'' if none."""
    return (
        presented_key(call.headers.get("authorization"))
        or call.headers.get("x-write-key", "").encode("latin-1", "replace")
        or call.query.get("writeKey", "").encode("utf-8", "replace")
    )


def key_in_body(call: Call, member: str) -> bytes:
    """A member of the body's object, once there is a body. Raises RequestError `unreadable_body`."""
    return member_text(call.body, member) if call.body else b""
