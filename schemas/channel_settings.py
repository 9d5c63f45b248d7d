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


Gateway = Annotated[str, Field(max_length=500, pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])[\x21-\x7e]+$")]
"""Tokens go there, so nothing but TLS, or this machine."""
Shop = Annotated[str, Field(max_length=100, pattern=r"^[\w.-]*$")]


class PinduoduoSettings(BaseModel, frozen=True, extra="forbid"):
    """A shop on Pinduoduo that `cdp pull` asks for its orders."""

    client_id: ClientId
    client_secret: Secret
    access_token: Secret
    shop: Shop = Field(default="", description="which shop of the application; a pull of another one begins anew")
    url: Gateway = "https://gw-api.pinduoduo.com/api/router"


class TaobaoSettings(BaseModel, frozen=True, extra="forbid"):
    """A shop on Taobao or Tmall that `cdp pull` asks for its trades."""

    app_key: ClientId
    app_secret: Secret
    session: Secret
    shop: Shop = Field(default="", description="which shop of the application; a pull of another one begins anew")
    url: Gateway = "https://gw.api.taobao.com/router/rest"


class ChannelSettings(BaseModel, frozen=True, extra="forbid"):
    """One source's shop."""

    shopify: SignedSettings | None = None
    woocommerce: SignedSettings | None = None
    youzan: YouzanSettings | None = None
    pinduoduo: PinduoduoSettings | None = None
    taobao: TaobaoSettings | None = None


def without_pulled(channels: Mapping[str, ChannelSettings]) -> dict[str, ChannelSettings]:
    """The same without what only `cdp pull` needs."""
    only_pulled = {"pinduoduo": None, "taobao": None}
    return {name: said.model_copy(update=only_pulled) for name, said in channels.items()}


def without_secrets(channels: Mapping[str, ChannelSettings]) -> dict[str, ChannelSettings]:
    """The same sources, for processes that need their names only."""
    return dict.fromkeys(channels, ChannelSettings())
