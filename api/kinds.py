"""Segments and tags answer alike: one function serves both, told by the route's path which of them is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Request

from projections.library import Entry, Library
from schemas.definitions import DefinitionKind
from schemas.errors import NotFound

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
COLLECTIONS: Mapping[DefinitionKind, str] = {"segment": "segments", "tag": "tags"}


def _kind(request: Request) -> DefinitionKind:
    return "tag" if request.url.path.startswith("/v1/tags") else "segment"


Kind = Annotated[DefinitionKind, Depends(_kind)]
Key = Annotated[str, Path(description="of the segment or tag", min_length=1, max_length=64)]


class Both(APIRouter):
    """A router with a way to add a route for segments and for tags at once."""

    def both(self, method: str, path: str, **how: Any) -> Callable[[Endpoint], Endpoint]:
        """Serve `/segments{path}` and `/tags{path}`."""
        return self.each(("segment", "tag"), method, path, **how)

    def each(
        self, kinds: Sequence[DefinitionKind], method: str, path: str, **how: Any
    ) -> Callable[[Endpoint], Endpoint]:
        """Serve the path of some kinds."""

        def add(endpoint: Endpoint) -> Endpoint:
            for kind in kinds:
                self.add_api_route(f"/{COLLECTIONS[kind]}{path}", endpoint, methods=[method], **how)
            return endpoint

        return add


def entry_of(library: Library, kind: DefinitionKind, key: str) -> Entry:
    """The definition in force. Raises NotFound."""
    entry = library.entries.get(f"{kind}:{key}")
    if entry is None:
        raise NotFound(f"There is no {kind} {key}.")
    return entry
