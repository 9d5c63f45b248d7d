"""What passes as a regular expression, ClickHouse compiles."""

from __future__ import annotations

from random import Random

import pytest

from projections.database import Database
from schemas.definitions.patterns import check_pattern
from schemas.errors import InvalidValue

_PIECES = (
    r"a b 中 . * + ? {2} {3,} {2,5} {100} {1000} {0} ( (?: (?P<n> (?<m> (?i) (?i: (?-s: (?x) (?= (?! (?<= "
    r"(?> (?P=n) (?R) ) ) | [ [^ ] [a-z] [^\d] [[:alpha:]] [[:^word:]] [[:foo:]] [\pL] - && -- ~~ ^ $ \ \d "
    r"\b \B \1 \0 \pL \p{Han} \p{^Han} \P{Lu} \p{Foo} \x41 \x{4e00} \x4 \u4e00 \Q \E \z \Z \A \C \_ \. \< "
    r"\- \中 , { } {,2} \n \h \w [\b] []a] # (?s) (?U) (? < > : \pZ \p{greek} [:alpha:] \b{start} "
    r"\x{110000} \a \v \e \p{Cn} \pC \p{LC} "
).split()
_KNOWN = (r"^(金|银)\p{Han}*$", r"(?i)vip\d{1,3}", r"[[:digit:]]+|[^\s,]", r"(?P<area>\d{3})-\d{8}", r"a{1000}", "张.*")


@pytest.mark.clickhouse
def test_what_passes_is_compiled(clickhouse_server):
    """600 patterns that chance put together, and some that people write."""
    made, chance = list(_KNOWN), Random(7)
    while len(made) < 600:
        pattern = "".join(chance.choices(_PIECES, k=chance.randint(1, 7)))
        if _passes(pattern):
            made.append(pattern)
    database = Database(clickhouse_server.fresh_database())
    try:
        for start in range(0, len(made), 50):
            chunk = made[start : start + 50]
            calls = ", ".join(f"match(materialize('x'), {{p{index}:String}})" for index in range(len(chunk)))
            database.rows(f"SELECT {calls}", {f"p{index}": pattern for index, pattern in enumerate(chunk)})
    finally:
        database.close()


def _passes(pattern: str) -> bool:
    try:
        check_pattern(pattern)
    except InvalidValue:
        return False
    return True
