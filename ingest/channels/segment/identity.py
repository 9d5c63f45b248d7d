"""Who a message is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

from ingest.channels.values import Json, Object, blank, text
from schemas.errors import Rejected
from schemas.identifiers import PRIORITY

Ids = dict[str, Json]
"""Type of identifier to value, or to several."""

_PERSONAL = ("email", "phone")
_SPELT: Mapping[str, str] = MappingProxyType(
    {
        "userid": "user_id",
        "memberid": "member_id",
        "customerno": "customer_no",
        "customernumber": "customer_no",
        "cardno": "card_no",
        "cardnumber": "card_no",
        "unionid": "wechat_unionid",
        "wechatunionid": "wechat_unionid",
        "openid": "wechat_openid",
        "wechatopenid": "wechat_openid",
        "deviceid": "device_id",
        "anonymousid": "anonymous_id",
        "buyernick": "buyer_nick",
        "ouid": "ouid",
        "oaid": "oaid",
        "email": "email",
        "phone": "phone",
    }
)


def ids_of(message: Object, traits: Object, context: Object) -> Ids:
    """The identifiers a message carries; `traits` are the customer's. Raises Rejected for an id that is none."""
    ids: Ids = {}
    _add(ids, "user_id", identifier(message, "userId"))
    _add(ids, "anonymous_id", identifier(message, "anonymousId"))
    for name in _PERSONAL:
        if isinstance(traits.get(name), str | int | Decimal):
            _add(ids, name, text(traits[name]))
    for kind, value in _external(context):
        _add(ids, kind, value)
    return ids


def linked(message: Object) -> Ids:
    """Whom an alias brings together: the user, and whoever went by previousId, as a visitor or as a user."""
    previous = identifier(message, "previousId")
    if blank(previous):
        raise Rejected("missing_field", "/previousId", "previousId is missing: it says who the user was before.")
    ids: Ids = {}
    _add(ids, "user_id", identifier(message, "userId"))
    if not ids:
        _add(ids, "anonymous_id", identifier(message, "anonymousId"))
    if not ids:
        raise Rejected("no_identifier", "/userId", "An alias needs a userId.")
    _add(ids, "user_id", previous)
    _add(ids, "anonymous_id", previous)
    return ids


def identifier(message: Object, name: str) -> Json:
    """An id as text: a number becomes its digits. Raises Rejected for what is no id."""
    value = message.get(name)
    if isinstance(value, bool | list | dict):
        raise Rejected("invalid_type", f"/{name}", f"{name} should be a string or a number.")
    return text(value)


def _external(context: Object) -> Iterator[tuple[str, Json]]:
    """`context.externalIds` (RudderStack: externalId) of types we know, unless hashed."""
    for name in ("externalIds", "externalId"):
        said = context.get(name)
        for each in said if isinstance(said, list) else []:
            if isinstance(each, dict) and each.get("encoding") in ("none", None, ""):
                kind = _kind(each.get("type"))
                if kind and isinstance(each.get("id"), str | int | Decimal):
                    yield kind, text(each["id"])


def _kind(said: Json) -> str | None:
    if not isinstance(said, str):
        return None
    return said if said in PRIORITY else _SPELT.get(said.lower().replace("_", "").replace("-", "").replace(" ", ""))


def _add(ids: Ids, kind: str, value: Json) -> None:
    if blank(value):
        return
    known = ids.get(kind)
    if known is None:
        ids[kind] = value
    elif isinstance(known, list):
        ids[kind] = known if value in known else [*known, value]
    elif known != value:
        ids[kind] = [known, value]
