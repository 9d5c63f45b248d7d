"""What a search asks for, read from strings, and how the persons it finds are shown. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.addresses import AddressBook
from api.dossier import identifier
from api.figures import time
from api.traits_view import traits
from projections.database import Row
from projections.search import Search
from schemas.errors import RequestError
from schemas.identifier_values import NOT_IN_VALUES, normalise_value
from schemas.money import format_money
from schemas.pointers import pointer

MAX_TEXT = 200
# All texts are read once for every word of a letter or two.
MAX_WORDS = 10
MAX_TRAITS = 10
MAX_NAME = 100
MAX_VALUES = 100
MAX_VALUE = 1000

_SPELT = ("phone", "email")
_LINKS = ("customer.linked", "customer.unlinked")


def read_search(q: str | None, wanted: Sequence[tuple[str, str]], region: str, at: tuple[str, str]) -> Search:
    """What to find. Raises RequestError `bad_parameter`.

    `at` is where `q` stands, and what the pointer to a trait begins with.
    """
    text_at, traits_at = at
    text = None if q is None else _text(q, text_at)
    for name, value in wanted:
        _check_trait(name, value, traits_at + pointer([name])[1:])
    if len({name for name, _ in wanted}) > MAX_TRAITS or len(wanted) > MAX_VALUES:
        message = f"A search names at most {MAX_TRAITS} traits, with {MAX_VALUES} values together."
        raise RequestError("bad_parameter", message, traits_at.rpartition("/")[0])
    if text is None:
        return Search(traits=wanted)
    words = dict.fromkeys(text.split())
    if len(words) > MAX_WORDS:
        raise RequestError("bad_parameter", f"q has at most {MAX_WORDS} different words.", text_at)
    return Search([(word, _spelt(word, region) or word) for word in words], _spelt(text, region), wanted)


def _text(q: str, at: str) -> str:
    text = q.strip()
    if not 1 <= len(text) <= MAX_TEXT or NOT_IN_VALUES.search(text):
        raise RequestError(
            "bad_parameter", f"q has 1 to {MAX_TEXT} characters that are not blank, none of them NUL.", at
        )
    return text


def _check_trait(name: str, value: str, at: str) -> None:
    if not name.strip() or len(name) > MAX_NAME:
        raise RequestError("bad_parameter", f"The name of a trait has 1 to {MAX_NAME} characters, not all blank.", at)
    if len(value) > MAX_VALUE:
        raise RequestError("bad_parameter", f"The value of a trait has at most {MAX_VALUE} characters.", at)
    if NOT_IN_VALUES.search(name + value):
        raise RequestError("bad_parameter", "Names and values of traits are text without NUL.", at)


def _spelt(text: str, region: str) -> str:
    """A phone or e-mail as identifiers are written; '' for what is neither."""
    return next(filter(None, (normalise_value(kind, text, region) for kind in _SPELT)), "")


def found(row: Row, book: AddressBook, currency: str) -> dict[str, Any]:
    """One person a search found."""
    lived = [name for name in row["type_last"] if name not in _LINKS]
    return {
        "person_id": row["person_id"],
        "identifiers": [identifier(each) for each in book.identifiers(row["members"])],
        "traits": traits(row),
        "first_seen": time(min((row["type_first"][name] for name in lived), default=None)),
        "last_seen": time(max((row["type_last"][name] for name in lived), default=None)),
        "orders": {
            "count": row["orders_count"],
            "net_amount": format_money(row["net_amount"], currency),
            "currency": currency,
            "last_at": time(row["last_order_at"]),
        },
    }
