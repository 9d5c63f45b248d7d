"""What is odd about a trait: codes a reader can act on. A trait is kept as it was said, whatever its flags. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import orjson

from schemas.blocked import is_blocked
from schemas.identifier_values import normalise_value
from schemas.times import parse_time

BIRTHDAYS = ("birthday", "birth_date")
GENDERS = ("gender", "sex")
_EMAILS = ("email", "e_mail")
_PHONES = ("phone", "mobile", "telephone")
_POSTAL_CODES = ("postal_code", "postcode")
_TEXTS = frozenset({
    "name", "city", "province", "country", "address", "language", "gender", "birthday", "email", "phone",
})  # fmt: skip
_LONGEST = 1000
_EARLIEST = date(1900, 1, 1)
_OLDEST = 120

_DATES = re.compile(
    r"(\d{4})(?:-(\d\d)-(\d\d)|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d\d)(\d\d))\Z",
    re.ASCII,
)
_POSTAL_CODE = re.compile(r"[A-Za-z0-9 -]{3,10}\Z")
_POSTAL_CODE_CN = re.compile(r"[0-9]{6}\Z")

_GENDER_WORDS = {
    "female": "f female woman girl lady mrs ms miss 女 女士 女性 女生 女人 小姐 2",
    "male": "m male man boy gentleman mr 男 男士 男性 男生 男人 先生 1",
    "other": "other x diverse nonbinary non-binary 其他 其它",
}
GENDERS_BY_WORD = {word: gender for gender, words in _GENDER_WORDS.items() for word in words.split()}


class Said(NamedTuple):
    """What a trait says, and what it is judged by."""

    words: str
    region: str
    today: date


def check(key: str, value: Any, region: str, today: date) -> list[str]:
    """The flags of a trait, sorted; `region` is that of numbers and codes, `today` the date in the platform's zone."""
    flags = set(_of_any(key, value))
    if found := _CHECKS.get(key):
        flags.update(found(Said(words(key, value), region, today)))
    return sorted(flags)


def words(key: str, value: Any) -> str:
    """What a trait reads as, without space around it; '' for what is no text. Codes of genders are often numbers."""
    if key in GENDERS and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else ""


def read_date(written: str) -> date | None:
    """Read a date as customers and channels write it; None for what is none.

    1990-02-28, 1990/2/28, 1990.02.28, 19900228, 1990年2月28日, or the date of a time (RFC 3339) as it was written.
    """
    match = _DATES.match(written)
    if match is None:
        return _date_of_time(written)
    year, month, day = (int(part) for part in match.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_gender(written: str) -> str | None:
    """`female`, `male` or `other`; None for what says none of them."""
    return GENDERS_BY_WORD.get(written.lower())


def age_on(day: date, born: date) -> int:
    """Whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _date_of_time(written: str) -> date | None:
    try:
        parse_time(written)
    except ValueError:
        return None
    return date.fromisoformat(written[:10])


def _of_any(key: str, value: Any) -> list[str]:
    flags = []
    if isinstance(value, str) and not value.strip():
        flags.append("blank")
    if len(orjson.dumps(value).decode()) > _LONGEST:
        flags.append("too_long")
    if key in _TEXTS and not isinstance(value, str):
        flags.append("not_text")
    return flags


def _birthday(said: Said) -> list[str]:
    born = read_date(said.words)
    if born is None:
        return ["not_a_date"]
    if born > said.today:
        return ["in_the_future"]
    return ["implausible"] if born < _EARLIEST or age_on(said.today, born) > _OLDEST else []


def _gender(said: Said) -> list[str]:
    return [] if read_gender(said.words) else ["not_a_gender"]


def _email(said: Said) -> list[str]:
    return [] if normalise_value("email", said.words, said.region) else ["not_an_email"]


def _phone(said: Said) -> list[str]:
    return [] if normalise_value("phone", said.words, said.region) else ["not_a_phone"]


def _postal_code(said: Said) -> list[str]:
    shape = _POSTAL_CODE_CN if said.region == "CN" else _POSTAL_CODE
    return [] if shape.match(said.words) else ["not_a_postal_code"]


def _name(said: Said) -> list[str]:
    flags = ["has_digits"] if any(map(str.isdigit, said.words)) else []
    return [*flags, "placeholder"] if said.words and is_blocked("name", said.words) else flags


_CHECKS: dict[str, Callable[[Said], list[str]]] = {
    **dict.fromkeys(BIRTHDAYS, _birthday),
    **dict.fromkeys(GENDERS, _gender),
    **dict.fromkeys(_EMAILS, _email),
    **dict.fromkeys(_PHONES, _phone),
    **dict.fromkeys(_POSTAL_CODES, _postal_code),
    "name": _name,
}
