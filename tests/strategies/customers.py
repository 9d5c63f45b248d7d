"""The customers of histories: by which identifiers events name them, alone and in company."""

from deploy.oracle.addresses import ids_of
from deploy.oracle.model import Json
from tests.strategies.payloads import SOURCES

LINKS = ("customer.linked", "customer.unlinked")
PHONE, OTHER_PHONE, LANDLINE = "+8613800138001", "+8613800138002", "+861088888888"

CUSTOMERS: tuple[Json, ...] = (
    {"member_id": "M1"},
    {"member_id": "M2"},
    {"member_id": ["M2"]},
    {"phone": PHONE},
    {"phone": OTHER_PHONE, "member_id": "M1"},
    {"member_id": "", "user_id": None, "phone": PHONE},
    {"anonymous_id": "a1"},
    {"anonymous_id": "a1", "email": "Ann@Example.com"},
    {"wechat_openid": "o1"},
)

# One number, up to seven people: the fourth makes it a shared one.
FAMILY_PHONE: tuple[Json, ...] = (
    {"member_id": "M1", "phone": PHONE},
    {"member_id": "M2", "phone": "138 0013 8001"},
    {"member_id": ["M3", "M4"], "phone": PHONE},
    {"user_id": "U1", "phone": PHONE},
    {"customer_no": "C1", "phone": PHONE, "email": "ann@example.com"},
    {"phone": PHONE, "anonymous_id": "a1"},
    {"phone": PHONE},
)
# The tablet at the counter: ten people are still allowed, one more is not.
TABLET: tuple[Json, ...] = (
    {"member_id": [f"M{number}" for number in range(11, 21)], "device_id": "tablet"},
    {"member_id": "M1", "device_id": "tablet"},
    {"member_id": "M11", "phone": PHONE, "device_id": "tablet"},
    {"device_id": "tablet", "anonymous_id": "a1"},
    {"user_id": "U1", "device_id": "tablet"},
    {"device_id": "tablet"},
)
# Two members, and all that may stand between them.
MEETING: tuple[Json, ...] = (
    {"member_id": "M1", "phone": PHONE},
    {"member_id": "M2", "phone": PHONE},
    {"phone": PHONE, "email": "ANN@example.com"},
    {"email": "ann@example.com", "anonymous_id": "a1"},
    {"member_id": "M2", "email": "Ann@Example.com", "card_no": "K1"},
    {"user_id": "U1", "member_id": "M1"},
    {"user_id": "U1", "member_id": ["M1", "M2"]},
    {"user_id": "U2", "anonymous_id": "a1"},
    {"anonymous_id": "a1"},
)
# What joins only some: landlines and oaids nobody, scoped types within their source.
STRANGERS: tuple[Json, ...] = (
    {"member_id": "M1", "phone": LANDLINE},
    {"phone": "010-88888888", "anonymous_id": "a1"},
    {"member_id": "M1", "oaid": "x1"},
    {"device_id": "d1", "oaid": "x1"},
    {"phone": PHONE, "wechat_openid": "o1"},
    {"member_id": "M2", "wechat_openid": ["o1", "o2"]},
    {"buyer_nick": "n1", "ouid": "u1", "wechat_unionid": "w1"},
    {"wechat_unionid": "w1", "wechat_openid": "o1"},
    {"wechat_openid": "o1"},
)
# More values than one person may have: five phones and e-mails, twenty of most others.
HOARDERS: tuple[Json, ...] = (
    {"member_id": "M1", "phone": [f"+861380013800{number}" for number in range(1, 7)]},
    {"member_id": "M1", "phone": PHONE, "email": [f"{letter}@example.com" for letter in "abcdef"]},
    {"phone": [PHONE, OTHER_PHONE], "anonymous_id": "a1"},
    {"customer_no": "C1", "anonymous_id": [f"a{number}" for number in range(1, 22)]},
    {"phone": "+8613800138006", "email": "f@example.com"},
    {"customer_no": "C1", "phone": "+8613800138006"},
)
CIRCLES = (FAMILY_PHONE, TABLET, MEETING, STRANGERS, HOARDERS)

PAIRS: tuple[Json, ...] = (
    {"member_id": "M1", "phone": PHONE},
    {"phone": PHONE, "anonymous_id": "a1"},
    {"member_id": "M3", "anonymous_id": "a9"},
    {"member_id": ["M1", "M2"]},
    {"member_id": "M1", "phone": PHONE, "anonymous_id": "a1"},
    {"user_id": "U1", "member_id": "M2", "email": "ann@example.com"},
    {"member_id": "M1", "device_id": "tablet"},
    {"member_id": "M1", "phone": LANDLINE},
    {"member_id": "M2", "oaid": "x1"},
    {"wechat_openid": "o1", "anonymous_id": "a1"},
)
ADDRESSES = sorted(
    {
        address
        for source in SOURCES
        for ids in (*CUSTOMERS, *PAIRS, *sum(CIRCLES, ()))
        for address in ids_of(source, {"ids": ids})
    }
    | {"member_id:nobody"}
)
