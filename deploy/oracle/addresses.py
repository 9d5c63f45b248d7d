"""The identifiers of an event as addresses, in the contract's order, and what an address says."""

from collections.abc import Mapping
from typing import Any

from deploy.oracle.phones import e164

SHARED = (
    "user_id", "member_id", "customer_no", "card_no", "phone", "email", "wechat_unionid", "device_id", "anonymous_id",
)  # fmt: skip
SCOPED = ("wechat_openid", "buyer_nick", "ouid", "oaid")
TYPES = SHARED + SCOPED
BLOCKED = frozenset({"", "null", "unknown", "test", "未知"})


def says_nothing(value: str) -> bool:
    """Blank, a known filler, or nothing but zeros (and dashes, as in an empty UUID)."""
    return value.strip().lower() in BLOCKED or not value.strip("0- ")


def spelt(kind: str, value: str) -> str:
    """The value in its one spelling; '' where it can identify nobody."""
    if kind == "phone":
        return e164(value) or ""
    return value.lower() if kind == "email" else value


def values(kind: str, given: Any) -> list[str]:
    """An identifier's values, one or many as sent, without those that identify nobody."""
    listed = given if isinstance(given, list) else [given]
    texts = [str(value).strip() for value in listed if value is not None]
    return [spelt(kind, text) for text in texts if not says_nothing(text)]


def address(source: str, kind: str, value: str) -> str:
    """`type:value`, or `type:source/value` for what means something inside one source only."""
    return f"{kind}:{source}/{value}" if kind in SCOPED else f"{kind}:{value}"


def ids_of(source: str, event: Mapping[str, Any]) -> tuple[str, ...]:
    """The addresses of all an event's identifiers by (priority, value), none twice."""
    ids = event.get("ids") or {}
    found = {
        address(source, kind, value) for kind in TYPES if kind in ids for value in values(kind, ids[kind]) if value
    }
    return tuple(sorted(found, key=rank))


def subject_of(source: str, event: Mapping[str, Any]) -> str | None:
    """The address of the event's first identifier; None when it carries no usable one."""
    return next(iter(ids_of(source, event)), None)


def type_of(address: str) -> str:
    """The identifier's type."""
    return address.partition(":")[0]


def identifier(address: str) -> dict[str, str]:
    """An address as a dossier lists it; `source` only where it means something inside one source."""
    kind, _, rest = address.partition(":")
    if kind not in SCOPED:
        return {"type": kind, "value": rest}
    source, _, value = rest.partition("/")
    return {"type": kind, "value": value, "source": source}


def rank(address: str) -> tuple[int, str, str]:
    """Where an address stands among others: by priority of its type, then value, then source."""
    said = identifier(address)
    return TYPES.index(said["type"]), said["value"], said.get("source", "")
