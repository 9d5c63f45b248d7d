"""What platforms write, as native events have it: Beijing's times, ids that are ciphertext, codes that may be shown."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

from ingest.channels.values import Json, blank, money, number, text
from schemas.identifier_values import MAX_LENGTH
from schemas.money import canonical
from schemas.times import format_time

_LOCAL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]+)?\Z")
_SECONDS = re.compile(r"[1-9][0-9]{8,10}\Z")
_BEYOND_MONEY = 15
_NEVER = ("0000-", "1970-01-01")
_CODE = re.compile(r"[\w.:-]{1,100}\Z", re.ASCII)


def moment(written: Json) -> str | None:
    """A time as RFC 3339: Beijing's, when it says no offset, or Unix seconds. None for none; the door judges others."""
    said = text(written)
    if blank(said) or said == "0" or (isinstance(said, str) and said.startswith(_NEVER)):
        return None
    local = _LOCAL.match(said) if isinstance(said, str) else None
    if local:
        return f"{local[1]}T{local[2]}+08:00"
    if isinstance(said, str) and _SECONDS.match(said):
        return format_time(datetime.fromtimestamp(int(said), UTC))
    return str(said)


def yuan(value: Json) -> Json:
    """An amount in one spelling: 268, 268.0 and "268.00" are the same event. The door judges what is none."""
    found = number(money(value))
    exact = None if found is None else Decimal(found)
    return value if exact is None or exact.adjusted() >= _BEYOND_MONEY else canonical(exact)


def opaque(value: Json) -> str | None:
    """An id of which only equality matters; one that is too long to be an identifier stands by its hash."""
    said = text(value)
    if not isinstance(said, str) or blank(said):
        return None
    return said.strip() if len(said) <= MAX_LENGTH else f"sha256:{sha256(said.strip().encode()).hexdigest()}"


def together(number: str, sub_code: str) -> str:
    """Both codes of an error; one, where they are the same."""
    return " ".join(dict.fromkeys(each for each in (number, sub_code) if each)) or "an error without a code"


def code(value: Json) -> str:
    """A platform's code, for people; '' for what does not look like one: texts of answers are shown nowhere."""
    said = str(text(value))
    return said if value is not None and _CODE.match(said) else ""
