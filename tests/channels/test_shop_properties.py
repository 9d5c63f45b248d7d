"""A law of all shop platforms: whatever a signed body says, it is events or one dead letter; the answer is success."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.channels.shop import woocommerce as woocommerce_topics
from ingest.channels.shop import youzan as youzan_types
from ingest.channels.shop.shopify import platform as shopify_topics
from tests.channels.conftest import Client
from tests.channels.shops import shopify, woocommerce, youzan

NAMES = st.sampled_from(
    """id order_id customer email phone created_at updated_at cancelled_at financial_status total_price currency
    line_items quantity price sku variant_id discount_allocations amount refunds transactions kind status fulfillments
    tracking_number token source_name order_edit customer_id email_marketing_consent state consent_updated_at shop_id
    default_address first_name discount_codes code payment_gateway_names total_shipping_price_set shop_money
    date_created_gmt date_modified_gmt date_paid_gmt billing total total_tax coupon_lines
    full_order_info order_info tid pay_info payment buyer_info yz_open_id buyer_phone orders num close_type refund_id
    refunded_fee refund_type delivery_order dists express_info update_time""".split()
)
LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["paid", "refund", "success", "1", "9.99", "2026-11-20T00:00:00Z", "2026-11-20 00:00:00", ""])
    | st.text(max_size=20)
)  # fmt: skip
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=15)
BODIES = st.dictionaries(NAMES, VALUES, max_size=12)
relaxed = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


@relaxed
@given(
    body=BODIES, chance=st.randoms(use_true_random=False), which=st.sampled_from(["shopify", "woocommerce", "youzan"])
)
def test_a_signed_body_is_events_or_one_dead_letter(
    client: Client, body: dict[str, Any], chance: Any, which: str
) -> None:
    """Nothing fails, and nothing is both."""
    client.log.records.clear()
    if which == "shopify":
        answer = shopify(client, chance.choice(list(shopify_topics._MEANT)), body)
    elif which == "woocommerce":
        answer = woocommerce(client, chance.choice(list(woocommerce_topics._MEANT)), body)
    else:
        kind, msg = chance.choice(list(youzan_types._MEANT)), chance.choice([body, quote(orjson.dumps(body).decode())])
        answer = youzan(client, {"type": kind, "msg": msg})
    assert answer.status_code == 200, answer.text
    assert len(client.letters()) <= 1
    assert not (client.letters() and client.events())
