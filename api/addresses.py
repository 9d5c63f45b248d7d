"""From what a caller names somebody by to the subject whose person is meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from starlette.types import ASGIApp, Receive, Scope, Send

from projections.database import Database
from projections.profiles import root_of_person
from schemas.errors import NotFound, RequestError
from schemas.identifiers import Identifier, parse_address

_PERSON = "person:"
_PERSON_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
# Stands for an escaped slash inside one path segment until the handler reads it. No identifier contains it.
_SLASH = "\0"


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Reads addresses: `type:value`, `type:source/value`, `person:{id}`."""

    region: str
    namespaces: AbstractSet[str]
    root_of: Callable[[str], str | None]

    def subject(self, address: str) -> str:
        """The subject an address names. Raises RequestError when it is none, NotFound for an unknown person id."""
        if not address.startswith(_PERSON):
            return self.identifier(address).address
        person = address.removeprefix(_PERSON).lower()
        if not _PERSON_ID.match(person):
            raise RequestError("bad_parameter", "A person is named person:{id}, the id being a UUID.")
        root = self.root_of(person)
        if root is None:
            raise NotFound("Nobody has this person id.")
        return root

    def identifier(self, address: str) -> Identifier:
        """The identifier an address names."""
        return parse_address(address, self.region, self.namespaces)

    def identifiers(self, members: Sequence[str]) -> list[Identifier]:
        """The identifiers of a person's members."""
        return [self.identifier(member) for member in members]


def address_book(region: str, namespaces: AbstractSet[str], database: Database) -> AddressBook:
    """An address book over the profiles."""
    return AddressBook(region, namespaces, lambda person: root_of_person(database, person))


def segment(text: str) -> str:
    """One path segment as the caller meant it."""
    return text.replace(_SLASH, "/")


class EscapedSlashes:
    """ASGI middleware: an escaped slash (%2F) stays inside its path segment, as RFC 3986 has it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and b"%2f" in scope.get("raw_path", b"").lower():
            scope["path"] = "/".join(_unescaped(part) for part in scope["raw_path"].split(b"?")[0].split(b"/"))
        await self._app(scope, receive, send)


def _unescaped(part: bytes) -> str:
    return unquote_to_bytes(part).decode("utf-8", "replace").replace("/", _SLASH)
