"""Orders as the platforms' documentation shows them."""

from __future__ import annotations

from typing import Any

from ingest.channels.shop.facts import Facts

Json = dict[str, Any]
FACTS = {name: Facts(name, name) for name in ("pinduoduo", "taobao")}


def pinduoduo_order(number: str = "261120-1", at: str = "2026-11-20 13:25:00", **more: Any) -> Json:
    """A paid order that waits for its parcel."""
    return {
        "order_sn": number, "created_time": "2026-11-20 13:23:10", "pay_time": "2026-11-20 13:23:40",
        "confirm_time": "2026-11-20 13:23:41", "updated_at": at, "confirm_status": 1, "group_status": 1,
        "order_status": 1, "refund_status": 1, "pay_amount": 268.0, "goods_amount": 270.0, "discount_amount": 7.0,
        "postage": 5.0, "pay_type": "WEIXIN", "trade_type": 0, "step_order_info": None, "shipping_time": "",
        "receive_time": "", "tracking_number": "", "logistics_id": 0, "open_address_id": f"~addr-{number}~",
        "receiver_name": "~AgAAAAHn~1~", "receiver_phone": "$OZFyaGFkTg==$1$", "receiver_phone_mask": "138****8000",
        "item_list": [{"goods_id": 9, "sku_id": 99, "outer_id": "P-9", "goods_name": "香水", "goods_price": 135.0,
                       "goods_count": 2}],
        **more,
    }  # fmt: skip


def pinduoduo_refund(number: str = "261120-1", at: str = "2026-11-22 10:00:00", **more: Any) -> Json:
    """A refund that was paid out."""
    return {
        "id": 301851299, "order_sn": number, "after_sales_status": 10, "after_sales_type": 2, "refund_amount": "11.00",
        "after_sale_reason": "不想要了", "created_time": "2026-11-21 09:00:00", "updated_time": at, **more,
    }  # fmt: skip


def taobao_trade(number: int = 2231958349000, at: str = "2026-11-20 13:25:00", **more: Any) -> Json:
    """A paid trade of two articles that waits for its parcels."""
    return {
        "tid": number, "type": "fixed", "status": "WAIT_SELLER_SEND_GOODS", "created": "2026-11-20 13:23:10",
        "pay_time": "2026-11-20 13:23:40", "modified": at, "payment": "268.00", "post_fee": "0.00",
        "discount_fee": "7.00", "buyer_nick": "t**1", "buyer_open_uid": f"AAHk{number}", "oaid": f"oaid-{number}",
        "receiver_name": "张**", "receiver_mobile": "*******0000",
        "orders": {"order": [
            {"oid": 1, "outer_sku_id": "P-9", "title": "香水", "num": 1, "payment": "200.00",
             "divide_order_fee": "198.00", "refund_status": "NO_REFUND"},
            {"oid": 2, "outer_sku_id": "P-8", "title": "皂", "num": 2, "payment": "75.00",
             "divide_order_fee": "70.00", "refund_status": "NO_REFUND"},
        ]},
        **more,
    }  # fmt: skip


def taobao_refund(number: int = 2231958349000, at: str = "2026-11-22 10:00:00", **more: Any) -> Json:
    """A refund that was paid out."""
    return {
        "refund_id": "1223344", "tid": number, "oid": 2, "status": "SUCCESS", "refund_fee": "70.00",
        "reason": "不想要了", "created": "2026-11-21 09:00:00", "modified": at, **more,
    }  # fmt: skip
