"""A stable share of all customers: 64 bits of SHA-256 over `salt:person_id`, and how many of those are taken."""

from __future__ import annotations

import math
from fractions import Fraction

from projections.compiler.found import Condition, Found
from projections.compiler.scope import Scope
from schemas.definitions.facts import Share
from schemas.definitions.operators import Typed

_ALL = 2**64


def sampled(sample: Share, scope: Scope) -> Condition:
    """Whether the person is among them. The share is compared as a whole number: a double has only 53 bits."""
    border = math.ceil(Fraction(str(sample.percent)) * _ALL / 100)
    return Condition("1" if border >= _ALL else f"{bits(sample.salt, scope)} < {scope.value(border, 'UInt64')}")


def place(sample: Share, scope: Scope) -> Found:
    """At which percent the person stands, from 0 to just below 100."""
    return Found(f"toFloat64({bits(sample.salt, scope)}) * 100 / pow(2, 64)", Typed("number"))


def bits(salt: str, scope: Scope) -> str:
    """A number of the person, as good as drawn at random: UInt64."""
    hashed = f"SHA256(concat({scope.value(salt, 'String')}, ':', person.person_id))"
    return f"reinterpretAsUInt64(reverse(substring({hashed}, 1, 8)))"
