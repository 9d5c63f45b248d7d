"""Customers' identifiers: their types by priority, their addresses, and how `ids` as sent becomes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import lru_cache

import msgspec

from schemas.errors import Rejected, RequestError
from schemas.identifier_values import MAX_LENGTH, NOT_IN_VALUES, normalise_value
from schemas.sources import SOURCE_NAME

IDENTIFIER_TYPES = (
    "user_id",
    "member_id",
    "customer_no",
    "card_no",
    "phone",
    "email",
    "wechat_unionid",
    "device_id",
    "anonymous_id",
    "wechat_openid",
    "buyer_nick",
    "ouid",
    "oaid",
)
"""By priority: an event's first identifier is its subject."""

SCOPED_TYPES = frozenset({"wechat_openid", "buyer_nick", "ouid", "oaid"})
"""These mean something inside one source only, and are stored with it."""

PRIORITY = {name: place for place, name in enumerate(IDENTIFIER_TYPES)}
MAX_IDENTIFIERS = 100


class Identifier(msgspec.Struct, frozen=True):
    """One normalised identifier; `source` (a source or its namespace) only where it is scoped to that."""

    type: str
    value: str
    source: str | None = None

    @property
    def address(self) -> str:
        """`type:value`, or `type:source/value`: what subjects, edges and URLs say."""
        return f"{self.type}:{self.value}" if self.source is None else f"{self.type}:{self.source}/{self.value}"


def by_priority(identifiers: Iterable[Identifier]) -> list[Identifier]:
    """Identifiers in the order everything names them."""
    return sorted(identifiers, key=lambda each: (PRIORITY[each.type], each.value, each.source or ""))


def parse_address(text: str, region: str, namespaces: AbstractSet[str] = frozenset()) -> Identifier:
    """Read an address as a person would write it: `phone:138 0013 8000` is `phone:+8613800138000`.

    Values may contain ':' and '/'. What stands before the first '/' is a source for scoped types, for others
    only if it is a declared namespace. Raises RequestError `bad_parameter`.
    """
    kind, colon, rest = text.partition(":")
    if not colon or kind not in PRIORITY:
        raise RequestError("bad_parameter", f"An address is type:value with one of the types {_TYPES}.")
    owner, slash, scoped_value = rest.partition("/")
    if kind in SCOPED_TYPES and not (slash and SOURCE_NAME.match(owner)):
        raise RequestError("bad_parameter", f"A {kind} means something inside one source only: {kind}:source/value.")
    scoped = kind in SCOPED_TYPES or (slash != "" and owner in namespaces)
    value = _addressed(kind, scoped_value if scoped else rest, region)
    return Identifier(kind, value, owner if scoped else None)


def normalise_ids(
    raw: object,
    *,
    source: str,
    region: str,
    namespace: str | None = None,
    namespaces: AbstractSet[str] = frozenset(),
    pointer: str = "/ids",
) -> tuple[Identifier, ...]:
    """Read `ids` (type to value or list of values) into identifiers by (priority, value), none twice.

    What identifies nobody (blank, blocked, impossible phones and e-mails) is left out, maybe all of it.
    A source with its own `namespace` scopes all its identifiers to it. Raises Rejected below `pointer`.
    """
    if raw is None:
        return ()
    if not isinstance(raw, dict):
        raise Rejected("invalid_type", pointer, "ids should be an object: type of identifier to value or values.")
    found = set()
    for kind, written, index in _written(raw, pointer):
        value = _normalised(kind, written, region) if type(written) is str else _value(kind, written, region)
        if value:
            scope = namespace or (source if kind in SCOPED_TYPES else None)
            found.add((PRIORITY[kind], value, kind, scope))
            if scope is None and "/" in value:
                _refuse_foreign(value, namespaces, _where(pointer, kind, index))
        elif value is None:
            raise _unusable(kind, written, _where(pointer, kind, index))
    if len(found) > MAX_IDENTIFIERS:
        raise Rejected("invalid_value", pointer, f"ids should name at most {MAX_IDENTIFIERS} identifiers.")
    return tuple([Identifier(kind, value, scope) for _, value, kind, scope in sorted(found)])


_TYPES = ", ".join(IDENTIFIER_TYPES)


def _written(ids: dict[str, object], pointer: str) -> Iterator[tuple[str, object, int | None]]:
    """Yield each value as sent, with its type, and its place where there is a list of them."""
    for kind, values in ids.items():
        if kind not in PRIORITY:
            where = f"{pointer}/{kind.replace('~', '~0').replace('/', '~1')}"
            raise Rejected("unknown_field", where, f"There is no such identifier; ids may have {_TYPES}.")
        if isinstance(values, list):
            yield from ((kind, value, place) for place, value in enumerate(values))
        else:
            yield kind, values, None


def _where(pointer: str, kind: str, index: int | None) -> str:
    return f"{pointer}/{kind}" if index is None else f"{pointer}/{kind}/{index}"


def _value(kind: str, written: object, region: str) -> str | None:
    """What a value that is no string says; '' identifies nobody, None is refused."""
    if written is None:
        return ""
    if isinstance(written, int) and not isinstance(written, bool):
        return _normalised(kind, str(written), region)
    return None


def _unusable(kind: str, written: object, where: str) -> Rejected:
    if isinstance(written, int | str) and not isinstance(written, bool):
        sentence = f"ids.{kind} should have at most {MAX_LENGTH} characters, none of them NUL."
        return Rejected("invalid_value", where, sentence)
    sentence = f"ids.{kind} should be a string (or a whole number), or a list of them."
    return Rejected("invalid_type", where, sentence)


def _addressed(kind: str, written: str, region: str) -> str:
    value = _normalised(kind, written, region)
    if not value:
        raise RequestError("bad_parameter", f"This {kind} identifies nobody: it is blank, a placeholder or malformed.")
    return value


@lru_cache(maxsize=65536)
def _normalised(kind: str, written: str, region: str) -> str | None:
    """Normalise, cached, for reading a phone takes 50 µs; '' identifies nobody, None is refused."""
    if NOT_IN_VALUES.search(written):
        return None
    value = normalise_value(kind, written, region)
    return None if len(value) > MAX_LENGTH else value


def _refuse_foreign(value: str, namespaces: AbstractSet[str], where: str) -> None:
    """Refuse a shared value that spells an address of a namespace: it would join another's customers."""
    owner = value.partition("/")[0]
    if owner in namespaces:
        raise Rejected("invalid_value", where, f"a value outside the namespace {owner} cannot begin with {owner}/.")
