"""E-commerce events: the names of the specification, and what native events make of their properties."""

from __future__ import annotations

from typing import Any

import pytest

from tests.channels.conftest import Client

WHO = {"userId": "u1", "messageId": "m1"}
ORDER = {"order_id": "1001", "total": 268.0, "currency": "cny", "products": []}


def data_of(client: Client, event: str, properties: dict[str, Any]) -> Any:
    """The normalised data of a track, as the door admits it."""
    return client.admitted("/v1/track", {"event": event, "properties": properties, **WHO}).data


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("Order Completed", "Completed Order", "order_completed", "orderCompleted"), "order.completed"),
        (("Order Updated", "Updated Order"), "order.updated"),
        (("Order Refunded", "Refunded Order"), "order.refunded"),
        (("Order Cancelled", "Cancelled Order", "Order Canceled"), "order.cancelled"),
        (("Product Viewed", "Viewed Product"), "product.viewed"),
        (("Product Added", "Added Product", "Wishlist Product Added to Cart"), "product.added"),
        (("Product Removed", "Removed Product"), "product.removed"),
        (("Product Added to Wishlist",), "product.favourited"),
        (("Product Shared",), "product.shared"),
        (("Products Searched",), "search.performed"),
        (("Checkout Started",), "checkout.started"),
        (("Coupon Applied",), "coupon.redeemed"),
        (("Product Reviewed",), "feedback.reviewed"),
        (("Application Opened",), "app.opened"),
        (("Cart Viewed", "Viewed Cart"), None),
    ],
)
def test_names(client: Client, names: tuple[str, ...], kind: str | None) -> None:
    """Those of the second version, in any spelling, and of the first."""
    properties = {**ORDER, "product_id": "p", "rating": 5, "query": "q", "coupon": "c"}
    for name in names:
        found = client.admitted("/v1/track", {"event": name, "properties": properties, **WHO}).type
        assert found == kind or (kind is None and found.startswith("custom."))


def test_an_order(client: Client) -> None:
    """Products are lines: sku else product_id, price × quantity without the dust of floats; names are kept."""
    products = [
        {"product_id": "p1", "sku": "P-9", "price": 19.99, "quantity": 3, "variant": "30 ml"},
        {"product_id": 7, "sku": "", "price": "0.1", "category": "perfume"},
        {"sku": "third", "price": 89.33333333333333, "quantity": 3},
        {"sku": "free"},
    ]
    properties = {
        "order_id": 1001, "total": 60.070000000000004, "revenue": 55, "currency": "cny", "coupon": 1111,
        "discount": "", "affiliation": "mini program", "products": products,
    }  # fmt: skip
    assert data_of(client, "Order Completed", properties) == {
        "order_id": "1001", "total": "60.07", "revenue": 55, "currency": "CNY", "coupon": "1111",
        "affiliation": "mini program",
        "lines": [
            {"product_id": "p1", "sku": "P-9", "price": 19.99, "quantity": 3, "variant": "30 ml", "amount": "59.97"},
            {"product_id": 7, "sku": "7", "price": "0.1", "quantity": 1, "category": "perfume", "amount": "0.1"},
            {"sku": "third", "price": 89.3333, "quantity": 3, "amount": "268"},
            {"sku": "free", "quantity": 1, "amount": "0"},
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("properties", "total"),
    [
        ({"total": 10, "revenue": 8}, "10"),
        ({"revenue": 8.5}, "8.5"),
        ({"total": None, "revenue": "8.50"}, "8.5"),
        ({"total": 0.1 + 0.2}, "0.3"),
        ({"total": "12.34567"}, "12.3457"),
        ({"total": 0.00005}, "0"),
    ],
)
def test_the_total(client: Client, properties: dict[str, Any], total: str) -> None:
    """`total` wins over `revenue`; at most four decimals."""
    assert data_of(client, "Order Completed", {"order_id": "1", **properties})["total"] == total


def test_an_order_of_the_first_specification(client: Client) -> None:
    """orderId, and products known by id."""
    said = {"orderId": "1", "total": 5, "products": [{"id": "p", "price": 5}]}
    data = data_of(client, "Completed Order", said)
    assert (data["order_id"], data["lines"][0]["sku"]) == ("1", "p")


def test_an_update_says_only_what_changed(client: Client) -> None:
    """Nothing is added to it."""
    assert data_of(client, "Order Updated", {"order_id": "1"}) == {"order_id": "1"}
    assert data_of(client, "Order Updated", {"order_id": "1", "total": 5})["total"] == "5"


@pytest.mark.parametrize(
    ("properties", "amount", "refund_id"),
    [
        ({"total": 68, "refund_id": "r1"}, "68", "r1"),
        ({"total": 68.0}, "68", "m1"),
        ({"revenue": 68}, "68", "m1"),
    ],
)
def test_a_refund(client: Client, properties: dict[str, Any], amount: str, refund_id: str) -> None:
    """Its amount is the total; without refund_id it is known by its message."""
    data = data_of(client, "Order Refunded", {"order_id": "1", **properties})
    assert (data["amount"], data["refund_id"]) == (amount, refund_id)


def test_a_refund_needs_no_customer(client: Client) -> None:
    """As natively: it is of whose the order is."""
    message = {"event": "Order Refunded", "properties": {"order_id": "1", "total": 1}, "messageId": "m"}
    assert client.admitted("/v1/track", message).thing == "order:shop/1"


@pytest.mark.parametrize("product", [{"product_id": "p"}, {"sku": "p", "product_id": "other"}, {"id": "p"}])
def test_a_product(client: Client, product: dict[str, Any]) -> None:
    """sku else product_id; quoted numbers are numbers; the names of the properties are kept."""
    data = data_of(client, "Product Added", {**product, "price": 1.5, "quantity": "2", "position": 3})
    assert data == {**product, "sku": "p", "price": "1.5", "quantity": 2, "position": 3}


@pytest.mark.parametrize(
    ("properties", "data"),
    [
        (
            {"product_id": "p", "review_body": "很好", "rating": "5"},
            {"text": "很好", "stars": 5, "about": {"sku": "p"}},
        ),
        ({"rating": 4.5}, {"text": "", "stars": 4.5}),
        ({"review_body": "ok", "order_id": 9}, {"text": "ok", "about": {"order_id": "9"}}),
    ],
)
def test_a_review(client: Client, properties: dict[str, Any], data: dict[str, Any]) -> None:
    """review_body is its text, rating its stars, and it is about the product."""
    found = data_of(client, "Product Reviewed", properties)
    assert {name: found.get(name) for name in data} == data
    assert set(properties) - {"order_id"} <= set(found)


def test_a_coupon(client: Client) -> None:
    """Known by its code."""
    assert data_of(client, "Coupon Applied", {"coupon_id": "1111", "coupon_name": "11.11"})["coupon"] == "1111"


@pytest.mark.parametrize(
    ("event", "properties", "code", "pointer"),
    [
        ("Order Completed", {"total": 5}, "missing_field", "/properties/order_id"),
        ("Order Completed", {"order_id": "1"}, "missing_field", "/properties/total"),
        ("Order Completed", {**ORDER, "total": "much"}, "invalid_money", "/properties/total"),
        ("Order Completed", {**ORDER, "total": 1e30}, "invalid_money", "/properties/total"),
        ("Order Completed", {**ORDER, "total": -1}, "invalid_money", "/properties/total"),
        ("Order Completed", {**ORDER, "currency": "Yuan"}, "invalid_currency", "/properties/currency"),
        ("Order Completed", {**ORDER, "products": {}}, "invalid_type", "/properties/products"),
        ("Order Completed", {**ORDER, "products": ["p"]}, "invalid_type", "/properties/products/0"),
        ("Order Completed", {**ORDER, "products": [{"price": 1}]}, "missing_field", "/properties/products/0/sku"),
        (
            "Order Completed",
            {**ORDER, "products": [{"sku": "p", "price": "¥1"}]},
            "invalid_money",
            "/properties/products/0/price",
        ),
        (
            "Order Completed",
            {**ORDER, "products": [{"sku": "p", "price": 1, "quantity": 0}]},
            "invalid_value",
            "/properties/products/0/quantity",
        ),
        ("Order Refunded", {"order_id": "1"}, "missing_field", "/properties/total"),
        ("Order Cancelled", {}, "missing_field", "/properties/order_id"),
        ("Product Viewed", {"name": "x"}, "missing_field", "/properties/sku"),
        ("Product Reviewed", {"rating": 9, "review_body": "x"}, "invalid_value", "/properties/rating"),
        ("Product Reviewed", {"product_id": "p"}, "missing_field", "/properties/review_body"),
    ],
)
def test_what_cannot_be_counted(
    client: Client, event: str, properties: dict[str, Any], code: str, pointer: str
) -> None:
    """A dead letter that points into the message as it came."""
    letter = client.letter("/v1/track", {"event": event, "properties": properties, **WHO})
    assert (letter.code, letter.pointer) == (code, pointer)
