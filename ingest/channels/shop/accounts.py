"""The shops that the settings name, as the channels need them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import SecretStr

from ingest.channels.shop.platform import Account
from schemas.channel_settings import ChannelSettings, SignedSettings, YouzanSettings
from schemas.sources import Source

Accounts = Mapping[str, Account]
"""By source."""


def accounts(channels: Mapping[str, ChannelSettings], sources: Mapping[str, Source]) -> dict[str, Accounts]:
    """The shops of each platform, by the platform's name."""
    found: dict[str, dict[str, Account]] = {}
    for name, said in channels.items():
        for platform, account in _of(said, sources[name]):
            found.setdefault(platform, {})[name] = account
    return dict(found)


def _of(said: ChannelSettings, source: Source) -> Iterator[tuple[str, Account]]:
    if said.shopify:
        yield "shopify", _signed(said.shopify, source)
    if said.woocommerce:
        yield "woocommerce", _signed(said.woocommerce, source)
    if said.youzan:
        yield "youzan", _youzan(said.youzan, source)


def _signed(said: SignedSettings, source: Source) -> Account:
    return Account(source, tuple(_bytes(each) for each in (said.secret, said.former_secret) if each))


def _youzan(said: YouzanSettings, source: Source) -> Account:
    return Account(source, (_bytes(said.client_secret),), said.client_id.encode())


def _bytes(secret: SecretStr) -> bytes:
    return secret.get_secret_value().encode()
