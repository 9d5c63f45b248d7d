"""Sources: what a write key belongs to. Never sent by a channel, always known from its key or header."""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.errors import InvalidValue

SOURCE_PATTERN = r"^[a-z0-9][a-z0-9_-]*$"
SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}\Z")
OPERATOR = "operator"
"""The source of what people say through the API; always declared."""


@dataclass(frozen=True, slots=True)
class Source:
    """One channel, and what it declares about itself."""

    name: str
    namespace: str | None = None
    """Its own name space of customer identifiers; without one, it shares the platform's."""
    orders_of: str | None = None
    """The source whose orders its order events speak of; itself, if not declared."""

    def __post_init__(self) -> None:
        for name in (self.name, self.namespace, self.orders_of):
            if name is not None and not SOURCE_NAME.match(name):
                raise InvalidValue("invalid_value", f"a source is named {SOURCE_PATTERN} with at most 64 characters")
