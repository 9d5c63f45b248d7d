"""A person as the matcher sees one: the words of a profile, in one spelling. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from schemas.blocked import is_blocked
from schemas.identifier_values import normalise_value
from schemas.traits import read_gender

# What a trait may be called; of several, the first there is counts.
_GIVEN_NAME = ("given_name", "first_name")
_SURNAME = ("surname", "last_name", "family_name")
_NAME = ("name", "full_name")
_BIRTHDAY = ("birthday", "birth_date", "date_of_birth")
_GENDER = ("gender", "sex")
_DOCUMENT = ("document_no", "document_number", "id_no", "id_card", "national_id", "passport_no")
_CITY = ("city", "suburb", "town")
_PROVINCE = ("province", "state", "region")
_POSTCODE = ("postcode", "postal_code", "zip")
_EMAIL = ("email", "e_mail")
_PHONE = ("phone", "mobile", "telephone")
# Of an address that is an object, the parts that are its line.
_LINE = ("line", "street_number", "street", "address_1", "address_2", "district")

_NOT_A_WORD = re.compile(r"[\W_]+")
_DATE = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?!\d)")


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """What is compared of one person; '' and () where nothing is known."""

    person_id: str
    root: str
    """The address the person is known by."""
    name: str = ""
    """The whole name as written; Chinese names are one word."""
    given_name: str = ""
    surname: str = ""
    name_key: str = ""
    """The words of the name in alphabetical order: the same whichever stands first."""
    birthday: str = ""
    """YYYYMMDD as said, even where there is no such day: a slip of the pen is still a trace."""
    gender: str = ""
    document: str = ""
    address: str = ""
    address_key: str = ""
    """The words of the address in alphabetical order."""
    city: str = ""
    province: str = ""
    postcode: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    @property
    def is_comparable(self) -> bool:
        """Whether anything speaks for who this is, rather than for where somebody lives."""
        return bool(self.name or self.document or self.emails)


COLUMNS = tuple(field.name for field in fields(PersonRecord))


def record_of(
    person_id: str, root: str, traits: Mapping[str, Any], members: Iterable[str], region: str
) -> PersonRecord:
    """The record of a person with these traits (decoded JSON) and identifiers (addresses)."""
    name, given_name, surname = _names(traits)
    place = traits.get("address")
    parts: Mapping[str, Any] = place if isinstance(place, dict) else {}
    address = _spelt(place) or _spelt(" ".join(_text(parts.get(part)) for part in _LINE))
    listed = list(members)
    return PersonRecord(
        person_id=person_id,
        root=root,
        name=name,
        given_name=given_name,
        surname=surname,
        name_key=_in_order(name),
        birthday=_birthday(_first(traits, _BIRTHDAY)),
        gender=read_gender(_first(traits, _GENDER)) or "",
        document=_word(traits, _DOCUMENT).replace(" ", ""),
        address=address,
        address_key=_in_order(address),
        city=_word(traits, _CITY) or _word(parts, _CITY),
        province=_word(traits, _PROVINCE) or _word(parts, _PROVINCE),
        postcode=(_word(traits, _POSTCODE) or _word(parts, _POSTCODE)).replace(" ", ""),
        emails=_identifiers("email", _first(traits, _EMAIL), listed, region),
        phones=_identifiers("phone", _first(traits, _PHONE), listed, region),
    )


def _names(traits: Mapping[str, Any]) -> tuple[str, str, str]:
    """The whole name and its parts: as said, else the first and the last of several words."""
    given_name, surname = _word(traits, _GIVEN_NAME), _word(traits, _SURNAME)
    whole = _word(traits, _NAME)
    if not given_name and not surname and " " in whole:
        given_name, *_, surname = whole.split()
    return whole or f"{given_name} {surname}".strip(), given_name, surname


def _first(traits: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((text for name in names if (text := _text(traits.get(name)))), "")


def _text(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _word(traits: Mapping[str, Any], names: Sequence[str]) -> str:
    return _spelt(_first(traits, names))


def _spelt(value: object) -> str:
    """Full width as half width, lower case, one space for whatever is no letter or digit; '' for placeholders."""
    text = unicodedata.normalize("NFKC", _text(value)).casefold().strip()
    return "" if is_blocked("", text) else _NOT_A_WORD.sub(" ", text).strip()


def _in_order(text: str) -> str:
    return " ".join(sorted(text.split()))


def _birthday(text: str) -> str:
    found = _DATE.search(unicodedata.normalize("NFKC", text))
    return f"{found[1]}{found[2]:0>2}{found[3]:0>2}" if found else ""


def _identifiers(kind: str, trait: str, members: Iterable[str], region: str) -> tuple[str, ...]:
    """All of a kind: those the person is known by, and the one in the traits, which joins nobody by itself."""
    known = {address.partition(":")[2] for address in members if address.startswith(f"{kind}:")}
    return tuple(sorted({*known, normalise_value(kind, trait, region)} - {""}))
