"""How shop platforms sign what they send: over the very bytes of the body. Compared in constant time."""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import md5, sha256


def hmac_sha256(secret: bytes, body: bytes) -> bytes:
    """Shopify's `X-Shopify-Hmac-SHA256` and WooCommerce's `X-WC-Webhook-Signature`: base64 of the HMAC."""
    return b64encode(hmac.digest(secret, body, sha256))


def md5_between(client_id: bytes, secret: bytes, body: bytes) -> bytes:
    """Youzan's `Event-Sign`: hex MD5 of client id, body and secret, one after the other."""
    return md5(client_id + body + secret, usedforsecurity=False).hexdigest().encode()


def same(presented: str, expected: bytes) -> bool:
    """Whether they are equal; how long this takes says nothing about where they differ."""
    return hmac.compare_digest(presented.encode("utf-8", "replace"), expected)
