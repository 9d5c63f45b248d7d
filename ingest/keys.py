"""Write keys: from what a request presents to the source it may write for. Only hashes of keys are held."""

from __future__ import annotations

import hmac
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from schemas.errors import RequestError, Unavailable
from schemas.source_register import SourceRegister
from schemas.sources import Source
from schemas.write_keys import ID_CHARACTERS, Grants, allows

_ANYTHING = Grants()


@dataclass(frozen=True, slots=True)
class WriteKey:
    """A key that was found; `digest` names it where its text must not appear."""

    digest: str
    source: Source
    grants: Grants = field(default=_ANYTHING)
    expires_at: datetime | None = None

    def require_origin(self, origin: str | None) -> None:
        """Raise RequestError `forbidden` for a page that may not use it; `origin` is the request's header."""
        if not allows(self.grants.origins, origin):
            raise RequestError("forbidden", "Pages of this origin may not send under this write key.")


class KeyRing:
    """The SHA-256 of every write key, and whose it is: those of the settings, and those operators made."""

    def __init__(
        self,
        hashes: Mapping[str, Source],
        *,
        is_known: bool = True,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`is_known`: whether these are all there are, or those operators made are still to be read."""
        self._settled = _indexed(WriteKey(digest, source) for digest, source in hashes.items())
        self._keys = self._settled
        self._now = now
        self.is_known = is_known

    def renew(self, register: SourceRegister) -> None:
        """Take the keys that operators made as they are now. May be called on any thread."""
        sources = register.sources()
        made = _indexed(
            WriteKey(each.said.digest, sources[each.source], each.said, each.said.expires_at)
            for each in register.write_keys()
            if not each.said.disabled
        )
        self._keys = {**made, **self._settled}
        self.is_known = True

    def find(self, authorization: str | None) -> WriteKey:
        """Find the key of an Authorization header. Raises RequestError `unauthorized`, Unavailable."""
        presented = presented_key(authorization)
        if not presented:
            raise RequestError("unauthorized", "Send a write key: Authorization: Bearer KEY, or Basic with it as user.")
        return self.known(presented)

    def known(self, presented: bytes) -> WriteKey:
        """Find a key by its text. Raises RequestError `unauthorized`; Unavailable before all keys are known.

        Looked up by the beginning of its hash, the rest of which is compared in constant time: how long it takes says
        nothing about how near a guess was, and is the same for one key and for thousands.
        """
        self._require_known()
        digest = sha256(presented).hexdigest()
        found = self._keys.get(digest[:ID_CHARACTERS])
        if found is None or not hmac.compare_digest(found.digest, digest) or self._has_expired(found):
            raise RequestError("unauthorized", "This write key is not known, or it is disabled or has expired.")
        return found

    def of(self, source: Source) -> WriteKey:
        """What stands for the key of a source that was known otherwise: by a signature, by a form's name.

        Raises Unavailable before its contract is known, as it is not before all keys are.
        """
        self._require_known()
        return WriteKey(source.name, source)

    def _require_known(self) -> None:
        if not self.is_known:
            raise Unavailable("kafka", "Write keys are still being read; send again in a moment.")

    def _has_expired(self, key: WriteKey) -> bool:
        return key.expires_at is not None and self._now() >= key.expires_at


def _indexed(keys: Iterable[WriteKey]) -> dict[str, WriteKey]:
    return {key.digest[:ID_CHARACTERS]: key for key in keys}


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
