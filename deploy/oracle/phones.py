"""Telephone numbers: one spelling, and which of them are one person's own."""

from functools import cache

import phonenumbers
from phonenumbers import PhoneNumberType

REGION = "CN"
# In no list of ranges is a number UNKNOWN: lists lag behind the operators, so it may well be a mobile.
OWN = (
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.UNKNOWN,
)


@cache
def e164(value: str) -> str | None:
    """The number as the world dials it; None for what cannot be one (long ones possible, short ones in use)."""
    try:
        number = phonenumbers.parse(value, REGION)
    except phonenumbers.NumberParseException:
        return None
    long = len(phonenumbers.national_significant_number(number)) > 8
    exists = phonenumbers.is_possible_number if long else phonenumbers.is_valid_number
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if exists(number) else None


@cache
def is_ones_own(number: str) -> bool:
    """Whether a telephone of this kind is carried by one person: no landline, no hotline."""
    return phonenumbers.number_type(phonenumbers.parse(number)) in OWN
