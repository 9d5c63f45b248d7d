"""Numbers as files write them: ¥1,234.50, (12.00), 1 234.5, full-width digits. Exact: no float touches them."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,30})?\Z")
_WRITTEN = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{0,30})?(?:[eE][+-]?[0-9]{1,2})?\Z|[+-]?\.[0-9]{1,30}\Z")
_THOUSANDS = re.compile(r"(?<=[0-9])[,'\s](?=[0-9]{3}(?:[^0-9]|\Z))")
_DRESS = re.compile(r"^(?:CNY|RMB|USD|EUR|HK\$|[¥$€£])\s*|\s*(?:元|CNY|RMB|USD|EUR|[¥$€£])$", re.IGNORECASE)


def number_text(text: str) -> str:
    """A number as JSON writes it. Raises ValueError."""
    if _PLAIN.match(text):
        return text
    return format(read_number(text), "f")


def read_number(text: str) -> Decimal:
    """A number without what people put around it. Raises ValueError."""
    bare = unicodedata.normalize("NFKC", text).strip()
    negative = bare.startswith("(") and bare.endswith(")")
    bare = bare[1:-1] if negative else bare
    minus = bare.startswith("-")
    bare = _DRESS.sub("", bare.removeprefix("-").strip())
    bare = _THOUSANDS.sub("", bare)
    if not _WRITTEN.match(bare):
        raise ValueError(text)
    number = Decimal(bare)
    return -number if negative or minus else number
