"""Write keys: from what a request presents to the source it may write for. Only hashes of keys are held."""

from __future__ import annotations

import hmac
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from schemas.errors import RequestError
from schemas.sources import Source


@dataclass(frozen=True, slots=True)
class WriteKey:
    """A key that was found; `digest` names it where its text must not appear."""

    digest: str
    source: Source


class KeyRing:
    """The SHA-256 of every write key, and whose it is."""

    def __init__(self, hashes: Mapping[str, Source]) -> None:
        self._keys = [WriteKey(digest, source) for digest, source in hashes.items()]

    def find(self, authorization: str | None) -> WriteKey:
        """Find the key of an Authorization header. Raises RequestError `unauthorized`."""
        presented = presented_key(authorization)
        if not presented:
            raise RequestError("unauthorized", "Send a write key: Authorization: Bearer KEY, or Basic with it as user.")
        return self.known(presented)

    def known(self, presented: bytes) -> WriteKey:
        """Find a key by its text. Raises RequestError `unauthorized`.

        Every key is compared, each in constant time: how long it takes says nothing about how near a guess was.
        """
        digest = sha256(presented).hexdigest()
        found = [key for key in self._keys if hmac.compare_digest(key.digest, digest)]
        if not found:
            raise RequestError("unauthorized", "This write key is not known.")
        return found[0]


def presented_key(authorization: str | None) -> bytes:
    """Read the key out of the header: a Bearer token, or the user of Basic. b'' if there is none."""
    scheme, _, rest = (authorization or "").strip().partition(" ")
    credentials = rest.strip().encode("latin-1", "replace")
    if scheme.lower() == "bearer":
        return credentials
    if scheme.lower() == "basic":
        try:
            return b64decode(credentials, validate=True).partition(b":")[0]
        except Base64Error:
            return b""
    return b""
