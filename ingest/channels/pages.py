"""The small pages that people see after a click or a post, in Chinese and English."""

from __future__ import annotations

from string import Template
from typing import Literal

from ingest.channels.channel import Answer

Which = Literal["thanks", "expired", "invalid", "later"]

_PAGE = Template("""<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>$zh</title>
<style>body{font:18px/1.6 system-ui,sans-serif;display:grid;place-items:center;min-height:90vh;text-align:center}
</style></head><body><main><p>$zh</p><p lang="en">$en</p></main></body></html>
""")
_WORDS: dict[Which, tuple[str, str]] = {
    "thanks": ("谢谢您的反馈!", "Thank you for your feedback!"),
    "expired": ("这个链接已过期。", "This link has expired."),
    "invalid": ("这个链接无效,请检查是否完整。", "This link is not valid. Was it copied as a whole?"),
    "later": ("暂时无法保存,请稍后再点一次。", "This cannot be saved just now. Please click again in a moment."),
}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page(status: int, which: Which, **headers: str) -> Answer:
    """One of the pages. They load nothing, and hold nothing of the request."""
    zh, en = _WORDS[which]
    body = _PAGE.substitute(zh=zh, en=en).encode()
    return Answer(status, body, "text/html; charset=utf-8", {**_HEADERS, **headers})
