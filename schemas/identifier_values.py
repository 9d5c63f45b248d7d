"""How the value of one identifier is spelt: phones as E.164, e-mails in lower case, everything trimmed."""

from __future__ import annotations

import re

import phonenumbers

from schemas.blocked import is_blocked

MAX_LENGTH = 200
_LONG = 9

NOT_IN_VALUES = re.compile("[\x00\ud800-\udfff]")
"""NUL and lone surrogates cannot travel through every store, so no identifier has them."""

_EMAIL = re.compile(r"[^@\s,;:<>()\[\]\\\"]+@[^@\s,;:<>()\[\]\\\"./]+(\.[^@\s,;:<>()\[\]\\\"./]+)+\Z")
_LETTER = re.compile(r"[^\W\d_]")
_NOT_LETTERS_OF_A_NUMBER = re.compile(r"\b(tel:|ext\.?|x)", re.IGNORECASE)


def normalise_value(kind: str, written: str, region: str) -> str:
    """Give the one spelling of a value, or '' if it identifies nobody (blank, blocked, impossible)."""
    value = written.strip()
    if is_blocked(kind, value):
        return ""
    if kind == "phone":
        return _phone(value, region)
    if kind == "email":
        return _email(value)
    return value


def _email(value: str) -> str:
    """Only its shape is judged: whether the domain exists is the channel's business, and costs a look-up."""
    lower = value.lower()
    return lower if _EMAIL.match(lower) else ""


def _phone(value: str, region: str) -> str:
    """E.164, or '' for what no telephone of the region (or of the world, with +) could have.

    Long numbers need only be possible, since lists of ranges in use lag behind the operators; short ones must
    be valid, since a local number without its area code is many people's. Letters and stars were never
    dialled. The result reads as itself.
    """
    if "*" in value or _LETTER.search(_NOT_LETTERS_OF_A_NUMBER.sub("", value)):
        return ""
    number = _e164(value, region)
    return number if number and _e164(number, region) == number else ""


def _e164(text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    long = len(phonenumbers.national_significant_number(number)) >= _LONG
    if phonenumbers.is_possible_number(number) if long else phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return ""
