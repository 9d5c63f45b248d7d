"""SQL of what follows from a person's traits: birthday and age, gender, address; as in schemas/derived.py.

A trait that is not what its name says (schemas.traits.check) says nothing here either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from projections.compiler.dates import DAY, birthdays_of, midnight
from projections.compiler.edges import earliest
from projections.compiler.found import Found
from projections.compiler.traits import is_text, spoken, stored, stripped
from schemas.definitions.operators import Typed
from schemas.traits import BIRTHDAYS, GENDERS, GENDERS_BY_WORD

_OLDEST = 120
# Where each part of an address may stand within a trait `address` that is an object.
_WITHIN = {
    "country": ("country",),
    "province": ("province", "state"),
    "city": ("city",),
    "line": ("line", "street"),
}


def _of_each(sql: str, raws: Iterable[str]) -> str:
    """Something of each `raw` of some."""
    return f"arrayMap(raw -> {sql}, [{', '.join(raws)}])"


def _traits(names: Iterable[str]) -> Iterable[str]:
    return (stored(f"'{name}'") for name in names)


_TOLD = _of_each(f"if({is_text('raw')}, {stripped('raw')}, '')", _traits(BIRTHDAYS))
# Days are numbers as 20260301. Nobody is believed to be born before 1900, nor to be of age beyond what dates can hold.
SAID = f"arrayFilter(day -> day BETWEEN 19000101 AND 21780101, {birthdays_of(_TOLD)})"
BELIEVED = f"arrayFilter(day -> day <= {DAY} AND intDiv({DAY} - day, 10000) <= {_OLDEST}, {SAID})"


def _years_after(day: str, years: str) -> str:
    """Midnight of the day so many years later; of 29 February in other years 1 March."""
    return midnight(f"makeDate32(intDiv({day}, 10000) + {years}, intDiv({day} % 10000, 100), {day} % 100)")


def _of_birthday(sql: str) -> str:
    """Something of the first `day` that is believed; NULL without."""
    return f"arrayFirstOrNull(found -> true, arrayMap(day -> {sql}, {BELIEVED}))"


# Days to come are believed when they have, those long ago no more at an age nobody reaches.
_DOUBTED = earliest(
    f"arrayFlatten(arrayMap(day -> [{_years_after('day', '0')}, {_years_after('day', str(_OLDEST + 1))}], {SAID}))"
)
_YEARS = f"intDiv({DAY} - day, 10000)"


def _age(typed: Typed) -> Found:
    """It changes with each birthday: one moment for whatever it is compared with."""
    return Found(_of_birthday(_YEARS), typed, (_DOUBTED, _of_birthday(_years_after("day", f"{_YEARS} + 1"))))


def _birthday(typed: Typed) -> Found:
    return Found(_of_birthday("YYYYMMDDToDate32(day)"), typed, (_DOUBTED,))


def _gender(typed: Typed) -> Found:
    words, genders = (", ".join(f"'{word}'" for word in some) for some in zip(*GENDERS_BY_WORD.items(), strict=True))
    each = f"transform(lowerUTF8({stripped('raw')}), [{words}], [{genders}], '')"
    return Found(f"nullIf(arrayFirst(said -> said != '', {_of_each(each, _traits(GENDERS))}), '')", typed)


def _address(part: str) -> Callable[[Typed], Found]:
    plain = "address" if part == "line" else part
    within = [f"JSONExtractRaw({stored(repr('address'))}, '{name}')" for name in _WITHIN[part]]
    each = _of_each(spoken("raw"), (*_traits([plain]), *within))
    return lambda typed: Found(f"arrayFirstOrNull(said -> isNotNull(said), {each})", typed)


DERIVED: dict[str, Callable[[Typed], Found]] = {
    "derived.age": _age,
    "derived.birthday": _birthday,
    "derived.gender": _gender,
    **{f"derived.address.{part}": _address(part) for part in _WITHIN},
}
"""The figures by name."""
