"""API keys: who asks, and what for. Only hashes of keys are held."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, get_args

from schemas.errors import RequestError

Scope = Literal["profiles", "rfm", "segments", "operations"]
SCOPES: frozenset[str] = frozenset(get_args(Scope))


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key's digest, its name, and what it may ask for."""

    digest: str
    name: str
    scopes: frozenset[str]


def read_key(digest: str, said: str) -> ApiKey:
    """Read `name` or `name:scope+scope`. Raises ValueError for a scope that does not exist."""
    name, colon, listed = said.partition(":")
    scopes = frozenset(listed.split("+")) if colon else SCOPES
    if unknown := scopes - SCOPES:
        message = f"API key {name!r}: unknown scope {', '.join(sorted(unknown))}; there are {', '.join(sorted(SCOPES))}"
        raise ValueError(message)
    return ApiKey(digest, name, scopes)


class ApiKeys:
    """The SHA-256 of every API key, and whose it is."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._keys = [read_key(digest, said) for digest, said in hashes.items()]

    def require(self, authorization: str | None, scope: Scope) -> ApiKey:
        """Find the key of an Authorization header. Raises RequestError `unauthorized`, or `forbidden` without scope.

        Every key is compared, each in constant time: how long it takes tells nothing about how near a guess was.
        """
        kind, _, token = (authorization or "").strip().partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise RequestError("unauthorized", "Send an API key as Authorization: Bearer KEY.")
        digest = sha256(token.strip().encode("latin-1", "replace")).hexdigest()
        found = [key for key in self._keys if hmac.compare_digest(key.digest, digest)]
        if not found:
            raise RequestError("unauthorized", "This API key is not known.")
        if scope not in found[0].scopes:
            raise RequestError("forbidden", f"This API key does not have the scope {scope}.")
        return found[0]
