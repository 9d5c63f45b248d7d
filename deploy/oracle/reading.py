"""How the values of traits are read, and what is doubtful in them."""

import json
import re
from datetime import date
from typing import Any

from deploy.oracle.addresses import says_nothing
from deploy.oracle.phones import e164

DATES = (
    re.compile(r"(\d{4})-(\d\d)-(\d\d)"),
    re.compile(r"(\d{4})/(\d\d?)/(\d\d?)"),
    re.compile(r"(\d{4})(\d\d)(\d\d)"),
    re.compile(r"(\d{4})\.(\d\d?)\.(\d\d?)"),
    re.compile(r"(\d{4})年(\d\d?)月(\d\d?)日"),
    re.compile(r"(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"),
)
GENDERS = {"female": "f female woman 女 女士 2", "male": "m male man 男 先生 1", "other": "other x 其他"}
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
POSTAL_CODE = re.compile(r"\d{6}")
TEXTS = frozenset("name city province country address language gender birthday email phone".split())
LONGEST = 1000
OLDEST = 120


def birthday_of(value: Any) -> date | None:
    """The day, in any of the spellings; a time's day is the one written."""
    for spelling in DATES:
        if isinstance(value, str) and (match := spelling.fullmatch(value)):
            year, month, day = map(int, match.groups())
            try:
                return date(year, month, day)
            except ValueError:
                return None
    return None


def gender_of(value: Any) -> str | None:
    """female, male or other."""
    return next((gender for gender, words in GENDERS.items() if str(value).lower() in words.split()), None)


def flags_of(key: str, value: Any, today: date) -> list[str]:
    """What is doubtful in a trait, as codes in order of name."""
    flags = of_its_kind(key, value, today)
    if isinstance(value, str) and not value.strip():
        flags.append("blank")
    if len(json.dumps(value, ensure_ascii=False)) > LONGEST:
        flags.append("too_long")
    if key in TEXTS and not isinstance(value, str):
        flags.append("not_text")
    return sorted(flags)


def of_its_kind(key: str, value: Any, today: date) -> list[str]:
    """What is doubtful in a trait of that name, whatever the value's shape."""
    text = value if isinstance(value, str) else ""
    if key in ("birthday", "birth_date"):
        return of_a_birthday(value, today)
    if key == "name":
        return of_a_name(text)
    wrong = {
        "not_a_gender": key in ("gender", "sex") and gender_of(value) is None,
        "not_an_email": key in ("email", "e_mail") and not EMAIL.fullmatch(text),
        "not_a_phone": key in ("phone", "mobile", "telephone") and (says_nothing(text) or e164(text) is None),
        "not_a_postal_code": key in ("postal_code", "postcode") and not POSTAL_CODE.fullmatch(text),
    }
    return [flag for flag, holds in wrong.items() if holds]


def of_a_birthday(value: Any, today: date) -> list[str]:
    """No date at all, one to come, or one too long ago."""
    born = birthday_of(value)
    if born is None:
        return ["not_a_date"]
    if born > today:
        return ["in_the_future"]
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return ["implausible"] if born.year < 1900 or years > OLDEST else []


def of_a_name(name: str) -> list[str]:
    """A filler, or digits."""
    flags = ["placeholder"] if name.strip() and says_nothing(name) else []
    return flags + (["has_digits"] if any(letter.isdigit() for letter in name) else [])
