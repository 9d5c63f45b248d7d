"""The ids that events of a simulated mall name their customers by."""

from __future__ import annotations

from schemas.identifiers import SCOPED_TYPES


def known(*addresses: str) -> dict[str, str]:
    """The ids of an event, from addresses; what somebody does not have is left out."""
    found = {}
    for address in filter(None, addresses):
        kind, _, value = address.partition(":")
        found[kind] = value.partition("/")[2] if kind in SCOPED_TYPES else value
    return found
