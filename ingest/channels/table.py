"""Every channel that speaks another platform's language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ingest.channels.channel import Channel
from ingest.channels.forms.channel import Forms
from ingest.channels.posthog import PostHog
from ingest.channels.rate_link import RateLinks
from ingest.channels.segment.channel import Pixel, Segment
from ingest.channels.shop.accounts import Accounts
from ingest.channels.shop.platform import ShopPlatform
from ingest.channels.shop.shopify.platform import Shopify
from ingest.channels.shop.webhook import Webhook
from ingest.channels.shop.woocommerce import WooCommerce
from ingest.channels.shop.youzan import Youzan

CHANNELS: tuple[Channel, ...] = (Segment(), Pixel(), PostHog())
_SHOPS: tuple[ShopPlatform, ...] = (Shopify(), WooCommerce(), Youzan())


def channels(
    accounts: Mapping[str, Accounts] = MappingProxyType({}),
    forms: Forms = Forms({}, {}),  # noqa: B008 -- immutable
    links: RateLinks = RateLinks(b"", {}),  # noqa: B008 -- immutable
) -> tuple[Channel, ...]:
    """Those, and the ones that settings are needed for. Without them their addresses answer as to strangers.

    `accounts` are the shops on each platform, by its name.
    """
    shops = (Webhook(shop, accounts.get(shop.name, {})) for shop in _SHOPS)
    return (*CHANNELS, *shops, forms, links)
