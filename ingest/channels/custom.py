"""What has no native type is `custom.<name>`."""

from __future__ import annotations

from ingest.channels.values import snake_case
from schemas.errors import Rejected


def custom_type(name: str, pointer: str) -> str:
    """The type of an event that only its channel knows. Raises Rejected where the name has no letter or digit."""
    snake = snake_case(name)
    if not snake:
        raise Rejected("invalid_value", pointer, "The event's name has neither a letter nor a digit.")
    return f"custom.{snake}"
