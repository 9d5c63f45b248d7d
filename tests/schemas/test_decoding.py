"""Bytes that are no event: each kind has its code, and a printable sentence."""

from __future__ import annotations

import pytest

UNREADABLE = [
    (b"", "unreadable"),
    (b"{", "unreadable"),
    (b'{"a":1}{"b":2}', "unreadable"),
    (b"\xef\xbb\xbf{}", "unreadable"),
    (b'{"a": NaN}', "unreadable"),
    (b'{"a": -Infinity}', "unreadable"),
    (b'{"a": 1e999}', "unreadable"),
    (b'{"a": 1e99999999999999999999}', "unreadable"),
    (b'{"a": ' + b"9" * 5000 + b"}", "unreadable"),
    (b'{"a": "\\ud800"}', "unreadable"),
    (b'{"a": "\xff"}', "invalid_encoding"),
    (b'{"a": "\xed\xa0\x80"}', "invalid_encoding"),
    (b'{"a":' + b"[" * 30 + b"]" * 30 + b"}", "too_deep"),
    (b"[" * 10_000, "too_deep"),
    (b"[]", "invalid_type"),
    (b"7", "invalid_type"),
    (b'"text"', "invalid_type"),
    (b'{"event_id": "' + b"x" * 32 * 1024 + b'"}', "too_large"),
]


@pytest.mark.parametrize(("raw", "code"), UNREADABLE)
def test_bytes_that_are_no_event(refuse, raw, code):
    """What cannot be read at all is refused as a whole."""
    rejected = refuse(raw)
    assert (rejected.code, rejected.pointer) == (code, "")


def test_a_sentence_never_repeats_a_value(refuse, examples):
    """What is refused may be personal; answers and dead letters name fields, not what stood in them."""
    secret = "13800138000x"
    for data in ({"order_id": "1", "total": secret}, {"order_id": "1", "amount": secret, "currency": secret}):
        assert secret not in refuse({**examples["order.paid"], "data": data}).message
    for change in (
        {"occurred_at": secret},
        {"type": secret},
        {"ids": {"phone": [{secret: 1}]}},
        {"channel": [secret]},
    ):
        assert secret not in refuse({**examples["page.viewed"], **change}).message
