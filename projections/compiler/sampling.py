"""SQL of samples: a person's place among all, which depends on nothing but a salt and the person's id."""

from __future__ import annotations

import math
from fractions import Fraction

from projections.compiler.found import Condition, Found
from projections.compiler.scope import Scope
from schemas.definitions.operators import Typed

_PLACES = 2**64


def sampled(percent: float, salt: str, scope: Scope) -> Condition:
    """Whether the person's share lies below the percent, compared as whole numbers."""
    last = math.ceil(Fraction(percent) * _PLACES / 100) - 1
    return Condition(f"{_place(salt, scope)} <= {scope.value(min(last, _PLACES - 1), 'UInt64')}")


def share(salt: str, scope: Scope) -> Found:
    """The person's place, from 0 to just below 100."""
    return Found(f"toFloat64({_place(salt, scope)}) * 100 / {float(_PLACES)}", Typed("number"))


def _place(salt: str, scope: Scope) -> str:
    """The first 64 bits of SHA-256 over `salt:person_id`."""
    said = f"concat({scope.value(f'{salt}:', 'String')}, person.person_id)"
    return f"reinterpretAsUInt64(reverse(substring(SHA256({said}), 1, 8)))"
