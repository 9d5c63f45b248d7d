"""For each event type of the contract, the payloads a channel may send."""

from collections.abc import Mapping
from types import MappingProxyType

from hypothesis import strategies as st

from deploy.oracle.model import Json

SOURCES = ("pos", "shop", "app")
# As text "e10" comes before "e2".
EVENT_IDS = ("e1", "e2", "e3", "e4", "e10", "e11", "e20", "e100")
ORDER_IDS = ("1", "1", "1", "2")
CURRENCIES = ("CNY", "CNY", "USD", "JPY")
AMOUNTS = ("0", "0.00", "0.01", "5", 5, "10.00", 10, 10, 19.99, "33.3333", "100", 100.5)

money = st.sampled_from(AMOUNTS)
currency = st.sampled_from(CURRENCIES)
order_id = st.sampled_from(ORDER_IDS)
word = st.sampled_from(("red", "Blue", "香水", "10", "2"))
campaign = st.sampled_from(("spring", "双11", " ", ""))
# Around the histories' now, around 30 days later, and far off, twice the same instant.
expiry = st.sampled_from((
    "2026-02-28T12:00:00Z", "2026-03-01T12:00:00Z", "2026-03-01T20:00:00.000001+08:00", "2026-03-31T12:00:00Z",
    "2026-03-31T12:00:00.000001Z", "2027-01-01T00:00:00Z", "2027-01-01T08:00:00+08:00", "2027-06-30T23:59:59.5Z",
))  # fmt: skip


def payload(
    optional: Mapping[str, st.SearchStrategy[object]] = MappingProxyType({}), **required: object
) -> st.SearchStrategy[Json]:
    """Required fields always, optional ones sometimes; a plain value stands for itself."""
    drawn = {key: one if isinstance(one, st.SearchStrategy) else st.just(one) for key, one in required.items()}
    return st.fixed_dictionaries(drawn, optional=dict(optional))


line = payload(
    {
        "name": word,
        "category": st.sampled_from(("perfume", "book", "")),
        "brand": st.sampled_from(("Acme", "百草", "", None)),
    },
    sku=st.sampled_from(("P-1", "P-2", 7, "7")),
    quantity=st.sampled_from((1, 2, 3, 0.5)),
    amount=money,
)
lines = st.lists(line, max_size=3)
# Always the same other source, or orders would seldom meet.
elsewhere = {"order_source": st.just("shop")}
body = {
    **elsewhere,
    "currency": currency,
    "coupon": st.sampled_from(("C-1", "10", "", None)),
    "discount": st.sampled_from(("0", "0.00", "5", 2.5, None)),
}
about = payload({"order_id": order_id, "sku": word, "store": word, "agent": word})

ordered = payload(body, order_id=order_id, total=money, lines=lines)
updated = payload({**body, "total": money, "lines": lines}, order_id=order_id)
paid = payload({**elsewhere, "currency": currency, "method": word}, order_id=order_id, amount=money)
# The total here is a field nobody asked for: kept, filterable, and none of the order's.
shipped = payload({**elsewhere, "carrier": word, "total": money}, order_id=order_id)
# Like the total above: the order's discount is not said here.
cancelled = payload({**elsewhere, "reason": word, "discount": money}, order_id=order_id)
refunded = payload(
    {**elsewhere, "currency": currency, "reason": word, "lines": lines},
    order_id=order_id,
    refund_id=st.sampled_from(("r1", "r2")),
    amount=money,
)
product = payload({"name": word, "category": word, "price": money, "quantity": st.integers(1, 3)}, sku=word)
# Nobody asked for a campaign here: it may be anything.
visit = payload({"url": word, "query": word, "coupon": word, "campaign": campaign | st.sampled_from((7, None, ["a"]))})
message = payload({"campaign": campaign}, message_id=st.sampled_from(("m1", "m2")), medium="sms")
ticket = payload(
    {"subject": word, "priority": word, "note": word},
    ticket_id=st.sampled_from(("t1", "t2")),
    kind=st.sampled_from(("complaint", "question", "suggestion", "return", "repair")),
)
optional_about = {"about": about, "comment": word}
rated = st.one_of(
    payload(optional_about, scale="csat", score=st.integers(1, 5)),
    payload(optional_about, scale="nps", score=st.integers(0, 10)),
    payload(optional_about, scale="stars", score=st.integers(1, 5)),
)
# Each kind of trait with values good and bad, and with those of any other.
TRAITS: dict[str, tuple[object, ...]] = {
    "birthday": (
        "1990-02-28", "2000/2/29", "19900301", "1990.3.2", "1990年3月1日", "1990-03-02T23:30:00+08:00", "1990-02-30",
        "2026-03-02", "2030-01-01", "1899-12-31", "1904-01-01", "1905-06-01",
    ),
    "gender": ("f", "Female", "女士", "男", "M", "x", "其他", "purple"),
    "email": ("ann@example.com", "Ann@Example.com", "ann@nowhere"),
    "phone": ("138 0013 8001", "+8613800138001", "12"),
    "postal_code": ("200000", "20000"),
    "name": ("Ann", "Ann2", "unknown", "x" * 998, "x" * 999),
    "city": ("上海", "Paris"),
    "address": (
        "Nanjing Road 1", {"country": "CN", "state": "Hunan", "city": "长沙", "street": "S 1", "postal_code": "410000"},
        {"province": "Hubei", "line": "", "street": "S 2"}, {},
    ),
}  # fmt: skip
NAMED_LIKE = {"birth_date": "birthday", "sex": "gender", "mobile": "phone", "e_mail": "email", "level": "name"}
KINDS = {name: name for name in TRAITS} | NAMED_LIKE | {"province": "city", "country": "city", "language": "city"}
STRAY: tuple[object, ...] = (None, None, "", "  ", 3, True, False)


def trait(key: str) -> st.SearchStrategy[tuple[str, object]]:
    """A trait and its value, which is mostly of its kind."""
    own = TRAITS[KINDS[key]]
    return st.tuples(st.just(key), st.sampled_from((*own, *own, *STRAY)))


traits = st.lists(st.one_of([trait(key) for key in KINDS]), min_size=1, max_size=3).map(dict)
points_details = {"reason": word, "order_id": order_id, "expires_at": expiry}
points = payload(points_details, points=st.sampled_from((0, 1, 2.5, 10, 250)))
adjusted = payload(points_details, points=st.sampled_from((-300, -1, 0, 7)))
consent = payload(
    {"evidence": word, "expires_at": expiry}, purpose=st.sampled_from(("sms", "email")), granted=st.booleans()
)
reason = payload({"reason": word})
custom = st.dictionaries(st.sampled_from(("a", "b")), st.integers(0, 3), max_size=2)

ORDERS: dict[str, st.SearchStrategy[Json]] = {
    "order.placed": ordered,
    "order.completed": ordered,
    "order.updated": updated,
    "order.paid": paid,
    "order.shipped": shipped,
    "order.cancelled": cancelled,
    "order.refunded": refunded,
}
TICKETS = dict.fromkeys(("ticket.opened", "ticket.updated", "ticket.resolved", "ticket.reopened"), ticket)
MESSAGES = dict.fromkeys([f"message.{one}" for one in "sent delivered opened clicked unsubscribed".split()], message)
VISITS = dict.fromkeys(
    "page.viewed screen.viewed search.performed checkout.started app.opened store.visited "
    "coupon.claimed coupon.redeemed group.joined".split(),
    visit,
)
PRODUCTS = dict.fromkeys([f"product.{one}" for one in "viewed added removed favourited shared".split()], product)
FEEDBACK: dict[str, st.SearchStrategy[Json]] = {
    "feedback.rated": rated,
    "feedback.reviewed": payload({"stars": st.integers(1, 5), "about": about}, text=word),
    "survey.answered": payload(survey="s1", answers=st.dictionaries(word, word, max_size=1)),
}
STANDING: dict[str, st.SearchStrategy[Json]] = {
    "customer.identified": payload(traits=traits),
    "customer.linked": reason,
    "customer.unlinked": reason,
    "consent.changed": consent,
    "points.earned": points,
    "points.spent": points,
    "points.adjusted": adjusted,
    "tier.changed": payload({"valid_until": expiry}, tier=st.sampled_from(("gold", "silver"))),
}
CONTACTS: dict[str, st.SearchStrategy[Json]] = {
    "service.contacted": payload({"agent": word, "seconds": st.integers(0, 90)}, medium="phone"),
    "custom.quiz": custom,
    "custom.quiz.won": custom,
}
VOIDS: dict[str, st.SearchStrategy[Json]] = {
    "event.voided": st.one_of(
        payload({"reason": word}, event_id=st.sampled_from(EVENT_IDS)),
        payload({"reason": word}, batch=st.sampled_from(("b1", "b2"))),
    )
}
IDLESS = {**ORDERS, **TICKETS, **MESSAGES}
PAYLOADS = {**IDLESS, **VISITS, **PRODUCTS, **CONTACTS, **FEEDBACK, **STANDING, **VOIDS}
