"""What keeps the platform from starting or a command from its work; each sentence ends with what to do."""

from __future__ import annotations

from schemas.errors import CdpError


class CannotStart(CdpError):
    """The platform cannot start with these settings on this machine."""


class CannotReach(CdpError):
    """A running platform does not answer, or does not know the key."""


class CannotPull(CdpError):
    """A shop platform refuses to be pulled until somebody does something."""


class NotNow(CdpError):
    """A shop platform does not answer, or not before so many `seconds`; worth trying again."""

    def __init__(self, message: str, seconds: float = 0.0) -> None:
        super().__init__(message)
        self.seconds = seconds
