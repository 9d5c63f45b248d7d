"""What follows from a customer's traits: birthday and age, gender, address, in one spelling each. Pure.

Traits that are flagged as not what they should be are left out before: see `usable`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from schemas.traits import BIRTHDAYS, GENDERS, age_on, read_date, read_gender, words

_MISTAKEN = ("not_a_", "not_an_", "in_the_future", "implausible")
# Where each part of an address may stand within a trait `address` that is an object.
_WITHIN = {
    "country": ("country",),
    "province": ("province", "state"),
    "city": ("city",),
    "line": ("line", "street"),
}
_PLAIN = ("country", "province", "city")
T = TypeVar("T")


def usable(flags: Iterable[str]) -> bool:
    """Whether a trait with these flags may be read further."""
    return not any(flag.startswith(_MISTAKEN) for flag in flags)


def derive(traits: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Age, birthday, gender and address, null where nothing says them; `today` is the date in the platform's zone."""
    born = _first(traits, BIRTHDAYS, read_date)
    return {
        "age": None if born is None else age_on(today, born),
        "birthday": None if born is None else born.isoformat(),
        "gender": _first(traits, GENDERS, read_gender),
        "address": _address(traits),
    }


def _first(traits: Mapping[str, Any], names: Iterable[str], read: Callable[[str], T | None]) -> T | None:
    return next((found for name in names if (found := read(words(name, traits.get(name)))) is not None), None)


def _address(traits: Mapping[str, Any]) -> dict[str, str | None] | None:
    """Plain traits first; what they leave open, an `address` that is an object fills."""
    said = traits.get("address")
    within = said if isinstance(said, dict) else {}
    parts = {name: _words(traits.get(name)) for name in _PLAIN} | {"line": _words(said)}
    filled = {name: part or _within(within, name) for name, part in parts.items()}
    return filled if any(filled.values()) else None


def _within(address: Mapping[str, Any], part: str) -> str | None:
    return next(filter(None, (_words(address.get(name)) for name in _WITHIN[part])), None)


def _words(value: Any) -> str | None:
    """A string that says something, as it was said."""
    return value if isinstance(value, str) and value.strip() else None
