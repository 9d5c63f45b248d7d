"""A step that will not go on by itself: nothing is acknowledged, and all other steps go on."""

from __future__ import annotations

from schemas.errors import CdpError


class Held(CdpError):
    """A step waits for an operator's word, or for a version of the code that makes something else of its records."""
