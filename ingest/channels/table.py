"""Every channel that speaks another platform's language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ingest.channels.channel import Channel
from ingest.channels.posthog import PostHog
from ingest.channels.segment.channel import Pixel, Segment
from ingest.channels.shop.accounts import Accounts
from ingest.channels.shop.platform import ShopPlatform
from ingest.channels.shop.shopify.platform import Shopify
from ingest.channels.shop.webhook import Webhook
from ingest.channels.shop.woocommerce import WooCommerce
from ingest.channels.shop.youzan import Youzan

CHANNELS: tuple[Channel, ...] = (Segment(), Pixel(), PostHog())
_SHOPS: tuple[ShopPlatform, ...] = (Shopify(), WooCommerce(), Youzan())


def channels(accounts: Mapping[str, Accounts] = MappingProxyType({})) -> tuple[Channel, ...]:
    """Those, and the shop platforms; `accounts` are the shops on each, by its name. Without a shop all are strangers."""
    return (*CHANNELS, *(Webhook(shop, accounts.get(shop.name, {})) for shop in _SHOPS))
