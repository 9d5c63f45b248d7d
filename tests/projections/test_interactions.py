"""What counts as an interaction is said twice, in Python and in SQL, and alike."""

from __future__ import annotations

import re
from importlib.resources import files

from schemas.events import EVENT_TYPES
from schemas.interactions import is_interaction


def test_sql_and_python_agree() -> None:
    """For every event type, the pattern in interaction.sql matches just when is_interaction holds."""
    text = (files("projections") / "sql" / "interaction.sql").read_text(encoding="utf-8")
    pattern = re.search(r"match\(type, '(.*)'\)", text)
    assert pattern is not None
    matches = re.compile(pattern[1].replace("\\\\", "\\"))
    types = [*EVENT_TYPES, "custom.scanned", "coupon.claimed.twice", "page.viewed.twice"]
    assert {t for t in types if matches.search(t)} == {t for t in types if is_interaction(t)}
    assert is_interaction("product.viewed")
    assert not is_interaction("order.completed")
