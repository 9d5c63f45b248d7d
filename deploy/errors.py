"""What keeps the platform from starting or a command from its work; each sentence ends with what to do."""

from __future__ import annotations

from schemas.errors import CdpError


class CannotStart(CdpError):
    """The platform cannot start with these settings on this machine."""


class CannotReach(CdpError):
    """A running platform does not answer, or does not know the key."""
