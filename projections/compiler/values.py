"""The value of a definition for a person as JSON text, '' for none: what is kept, compared and put out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from projections.compiler.found import Found
from schemas.definitions.values import Kind

_SINGLE: Mapping[Kind, str] = MappingProxyType(
    {
        "string": "toJSONString(assumeNotNull({}))",
        "number": "toString(assumeNotNull({}))",
        "money": "concat('\"', toString(assumeNotNull({})), '\"')",
        "bool": "if(assumeNotNull({}), 'true', 'false')",
        "date": "concat('\"', toString(assumeNotNull({})), '\"')",
        "time": "concat('\"', replaceOne(toString(assumeNotNull({})), ' ', 'T'), 'Z\"')",
    }
)
# A trait is copied when it is one text, not blank, or one number.
_COPIED = "if(length({0}) = 1 AND match({0}[1], '^(-?[0-9]|\"[^\"])'), {0}[1], '')"


def as_json(found: Found) -> str:
    """One figure or trait."""
    if found.typed.kind == "any":
        return _COPIED.format(found.sql)
    return f"if(isNull({found.sql}), '', {_SINGLE[found.typed.kind].format(found.sql)})"
