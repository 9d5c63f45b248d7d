"""Whose an event is by its own identifiers: the first by the contract's priority that says anything."""

from typing import Any

from tests.oracle.model import Json

SHARED = (
    "user_id", "member_id", "customer_no", "card_no", "phone", "email", "wechat_unionid", "device_id", "anonymous_id",
)  # fmt: skip
SCOPED = ("wechat_openid", "buyer_nick", "ouid", "oaid")
BLOCKED = frozenset({"", "null", "unknown"})


def says_nothing(value: str) -> bool:
    """Blank, a known filler, or nothing but zeros (and dashes, as in an empty UUID)."""
    return value.lower() in BLOCKED or not value.strip("0-")


def values(given: Any) -> list[str]:
    """An identifier's values, one or many as sent, without those that identify nobody."""
    listed = given if isinstance(given, list) else [given]
    texts = [str(value).strip() for value in listed if value is not None]
    return [text for text in texts if not says_nothing(text)]


def address(source: str, kind: str, value: str) -> str:
    """`type:value`, or `type:source/value` for what means something inside one source only."""
    if kind in SCOPED:
        return f"{kind}:{source}/{value}"
    return f"{kind}:{value.lower() if kind == 'email' else value}"


def subject_of(source: str, event: Json) -> str | None:
    """The address of the event's first identifier by priority; None when it carries no usable one."""
    ids = event.get("ids") or {}
    found = [address(source, kind, value) for kind in SHARED + SCOPED for value in values(ids.get(kind))]
    return found[0] if found else None
