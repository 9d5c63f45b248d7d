"""Values that stand where an identifier is missing: an event is read as if they were not there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

PLACEHOLDERS = frozenset(
    """
    -1 null (null) <null> nil none nan undefined [object_object] unknown anonymous anon guest n/a #n/a na
    n.a. empty blank missing unset not_set not_provided not_available no_id invalid default dummy tbd test
    testing tester true false xx xxx 无 空 未知 匿名 游客 访客 暂无 测试 没有 不详
    """.split()  # noqa: SIM905 — a table, read as words
)
"""Compared in lower case, with spaces as underscores."""

PLACEHOLDERS_BY_TYPE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "email": frozenset(
            """
            test@test.com none@none.com null@null.com unknown@unknown.com na@na.com no@email.com
            noemail@noemail.com noreply@noreply.com anonymous@anonymous.com
            """.split()  # noqa: SIM905 — a table, read as words
        ),
    }
)

NOTHING_BUT_ZEROS = re.compile(r"[0\s\-_.,:;*?#+/\\(){}\[\]\"'=~!|<>]*\Z", re.ASCII)
"""Zeros and punctuation only: '', 0, 000-000, 00000000-0000-0000-0000-000000000000, ***."""


def is_blocked(identifier_type: str, value: str) -> bool:
    """Tell whether a (trimmed) value is a placeholder rather than an identifier."""
    folded = value.lower().replace(" ", "_")
    return (
        NOTHING_BUT_ZEROS.match(value) is not None
        or folded in PLACEHOLDERS
        or folded in PLACEHOLDERS_BY_TYPE.get(identifier_type, ())
    )
