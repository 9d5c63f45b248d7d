"""Write keys that operators make: what the control topic says of one. The key itself is shown once and kept nowhere."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from schemas.errors import InvalidValue
from schemas.event_types import TypePattern
from schemas.sources import SOURCE_NAME

ID_CHARACTERS = 16
MOST_USABLE = 20
"""Keys of one source that can be used at one time."""
_KEY = re.compile(r"([a-z0-9_-]{1,64})/([0-9a-f]{16})\Z")

Origin = Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?$")]


class Grants(BaseModel):
    """What a write key may do, and how it is called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str = Field("", max_length=100, description="a name for people")
    rate: int | None = Field(
        None, ge=1, le=1_000_000, description="events a second at each ingest process; null: as CDP_INGEST__RATE says"
    )
    types: list[TypePattern] = Field(
        default_factory=list, max_length=100, description="event types it may send, or order.*; none: any"
    )
    origins: list[Origin] = Field(
        default_factory=list, max_length=100, description="web origins whose pages may use it; none: any"
    )


class WriteKeyVersion(Grants):
    """One version of a write key, as the control topic has it under `source/key_id`."""

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(description="SHA-256 of the key")
    created_at: AwareDatetime
    expires_at: AwareDatetime | None = Field(None, description="not taken from then on")
    disabled: bool = Field(default=False, description="not taken any more, for ever")

    @property
    def key_id(self) -> str:
        """What it is called where its text must not appear."""
        return self.digest[:ID_CHARACTERS]

    def is_usable(self, now: datetime) -> bool:
        """Whether it is taken at a moment."""
        return not self.disabled and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Minted:
    """A new key in the clear, for the one who asked for it, and what is kept of it."""

    text: str
    version: WriteKeyVersion


def mint(grants: Grants, now: datetime) -> Minted:
    """Make a key of 192 random bits. A recognisable prefix lets scanners of leaked secrets find it."""
    text = f"cdp_write_{secrets.token_urlsafe(24)}"
    digest = sha256(text.encode()).hexdigest()
    return Minted(text, WriteKeyVersion(**grants.model_dump(), digest=digest, created_at=now))


def control_key(source: str, key_id: str) -> str:
    """The key under which the control topic has a write key."""
    return f"{source}/{key_id}"


def read_control_key(key: str) -> tuple[str, str]:
    """The source and id that a control record's key names. Raises InvalidValue."""
    found = _KEY.match(key)
    if found is None or not SOURCE_NAME.match(found[1]):
        raise InvalidValue("invalid_value", "key: should be source/key_id")
    return found[1], found[2]


def allows(origins: Sequence[str], origin: str | None) -> bool:
    """Whether pages of an origin may use a key. Programs that are no browsers send none, and may."""
    return not origins or origin is None or origin.lower() in {each.lower() for each in origins}
