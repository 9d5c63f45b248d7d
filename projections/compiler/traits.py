"""SQL of a person's traits over the row: raw JSON in the map `traits`, as the source that is believed said it last."""

from __future__ import annotations

from projections.compiler.found import Found
from projections.compiler.jsonvalues import spread
from projections.compiler.scope import Scope
from schemas.definitions.operators import Typed

# A text that says more than space.
_SAYS = "[^\\\\s\\\\p{Z}]"
_AROUND = "^[\\\\s\\\\p{Z}]+|[\\\\s\\\\p{Z}]+$"


def trait(name: str, scope: Scope) -> Found:
    """What is known under that name: anything."""
    return Found(spread(stored(scope.value(name, "String"))), Typed("any"))


def stored(name: str) -> str:
    """The raw JSON of a trait, '' for none."""
    return f"tupleElement(person.traits[{name}], 2)"


def is_text(raw: str) -> str:
    """Whether raw JSON is a string."""
    return f"startsWith({raw}, '\"')"


def spoken(raw: str) -> str:
    """The text of raw JSON that is a string and says something, else NULL."""
    return f"if({is_text(raw)} AND match(JSONExtractString({raw}), '{_SAYS}'), JSONExtractString({raw}), NULL)"


def stripped(raw: str) -> str:
    """The text of raw JSON, and numbers as they are spelt, without space around."""
    return f"replaceRegexpAll(JSONExtractString({raw}), '{_AROUND}', '')"
