"""What a source says of the shop platform it stands for: the secrets that prove a request, or let one be made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

Secret = Annotated[SecretStr, Field(min_length=1, max_length=500)]
ClientId = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class SignedSettings(BaseModel, frozen=True, extra="forbid"):
    """A platform that signs with one secret."""

    secret: Secret
    former_secret: Secret | None = Field(default=None, description="still taken, while the secret is being changed")


class YouzanSettings(BaseModel, frozen=True, extra="forbid"):
    """An application of Youzan's cloud."""

    client_id: ClientId
    client_secret: Secret


class ChannelSettings(BaseModel, frozen=True, extra="forbid"):
    """One source's shop."""

    shopify: SignedSettings | None = None
    woocommerce: SignedSettings | None = None
    youzan: YouzanSettings | None = None


def without_secrets(channels: Mapping[str, ChannelSettings]) -> dict[str, ChannelSettings]:
    """The same sources, for processes that need their names only."""
    return dict.fromkeys(channels, ChannelSettings())
