"""What columns mean by what they are called, in Chinese and English; the words are in words.yaml."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml

_MARKS = re.compile(r"[\W_]+")

_WHOSE = re.compile("^(?:customer|member|buyer|client|会员|客户|顾客|买家)")
_FILE = Path(__file__).with_name("words.yaml")
IDENTIFIERS = (
    "user_id", "member_id", "customer_no", "card_no", "phone", "email", "wechat_unionid", "wechat_openid",
)  # fmt: skip
TRAITS = ("name", "gender", "birthday", "city", "province", "country", "address", "language")


@cache
def _meaning() -> dict[str, str]:
    said: dict[str, list[str]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return {word: meaning for meaning, words in said.items() for word in words}


def meanings(columns: Sequence[str]) -> dict[str, str]:
    """What the columns mean: meaning → the first column that has it."""
    found: dict[str, str] = {}
    for column in columns:
        bare = _bare(column)
        meaning = _meaning().get(bare) or _meaning().get(_WHOSE.sub("", bare))
        if meaning:
            found.setdefault(meaning, column)
    return found


def _bare(column: str) -> str:
    """Without case, marks, and what stands in brackets: `Order No. (POS)` is orderno."""
    text = unicodedata.normalize("NFKC", column).casefold()
    return _MARKS.sub("", re.sub(r"[(\[【].*?[)\]】]", "", text)) or _MARKS.sub("", text)
