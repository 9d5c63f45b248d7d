"""What customers of a simulated mall do: buy at a till, browse and order, join, rate, complain, send things back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from deploy.simulation.goods import Brand, Product
from deploy.simulation.naming import known
from deploy.simulation.people import Person

if TYPE_CHECKING:
    from deploy.simulation.story import Story

POS, APP, WEB, WECHAT, SERVICE = "mall-pos", "mall-app", "mall-web", "mall-wechat", "mall-service"
SOURCES = (POS, APP, WEB, WECHAT, SERVICE)
_CENT = Decimal("0.01")
_COMPLAINTS = ("late parcel", "wrong size", "damaged box", "impolite service", "refund takes long")
_COMMENTS = {1: "never again", 2: "disappointing", 3: "all right", 4: "good", 5: "wonderful"}


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order that counts, and how it is spoken of afterwards."""

    at: datetime
    source: str
    ids: dict[str, str]
    order: str
    total: Decimal
    lines: list[dict[str, Any]]
    store: str


def till(story: Story, person: Person) -> None:
    """A purchase in a store, at once paid; members show a card or tell a number, some nothing at all."""
    chance, brand, at = story.chance, story.chance.choice(story.brands), story.moment()
    store = chance.choice(brand.stores)
    named = chance.choice((*person.members[:1], person.card, person.phone(story.year_day())))
    lines = _lines(story, brand)
    bought = Purchase(at, POS, known(named), story.new_order(), _total(lines), lines, store)
    story.tell(at, POS, "order.completed", bought.ids, _order(bought), channel="pos", store=store)
    if person.members:
        _earn(story, person, bought)
    _afterwards(story, person, bought)


def app(story: Story, person: Person) -> None:
    """A session in the app: opened, looked at, perhaps ordered."""
    if person.devices:
        _session(story, person, APP, "app", known(person.devices[0], person.user))
    else:
        mini_program(story, person)


def web(story: Story, person: Person) -> None:
    """A session in the web shop; who signs in is known by more than the browser."""
    signed_in = story.chance.random() < 0.5
    mine = (person.user, person.email) if signed_in else ()
    browser = person.browser(story.year_day())
    _session(story, person, WEB, "web", known(browser, *mine) or known(person.phone(story.year_day())))


def mini_program(story: Story, person: Person) -> None:
    """A session in the mini program."""
    openid = {"wechat_openid": f"o{person.number}"}
    more = known(person.unionid, person.phone(story.year_day()) if story.chance.random() < 0.3 else "")
    _session(story, person, WECHAT, "wechat", {**openid, **more})


def walk_by(story: Story, person: Person) -> None:
    """A visit to a store without buying, seen by the guest network."""
    brand = story.chance.choice(story.brands)
    ids = known(person.devices[0] if person.devices else person.phone(story.year_day()))
    store = story.chance.choice(brand.stores)
    story.tell(story.moment(), POS, "store.visited", ids, {}, channel="store", store=store)


def contact(story: Story, person: Person) -> None:
    """A question by telephone."""
    data = {"medium": "phone", "topic": "opening hours", "seconds": story.chance.randrange(30, 600)}
    ids = known(person.phone(story.year_day()))
    story.tell(story.moment(), SERVICE, "service.contacted", ids, data, channel="phone")


def joined(story: Story) -> None:
    """Who members are, told on the first day."""
    genders, cities = ("female", "male"), ("上海", "杭州", "南京", "苏州", "宁波")
    for person in story.people:
        if person.members:
            born = f"{story.chance.randrange(1955, 2008)}-{story.chance.randrange(1, 13):02d}-15"
            traits = {
                "name": f"Member {person.number}",
                "gender": story.chance.choice(genders),
                "birthday": born,
                "city": story.chance.choice(cities),
            }
            ids = known(person.members[0], person.card, person.phones[0][1])
            story.tell(story.moment(), POS, "customer.identified", ids, {"traits": traits}, channel="pos")
            granted = {"purpose": "marketing", "granted": story.chance.random() < 0.8}
            story.tell(story.moment(), POS, "consent.changed", ids, granted, channel="pos")


Visit = Callable[["Story", Person], None]
VISITS: tuple[Visit, ...] = (till, app, web, mini_program, walk_by, contact)
WEIGHTS = (30, 22, 16, 16, 14, 2)


def _session(story: Story, person: Person, source: str, channel: str, ids: dict[str, str]) -> None:
    """Opened; some things looked at; of those some put aside and perhaps ordered."""
    chance, brand, at = story.chance, story.chance.choice(story.brands), story.moment()
    opened = "app.opened" if source == APP else "page.viewed"
    story.tell(at, source, opened, ids, {} if source == APP else {"url": f"/brands/{brand.name}"}, channel=channel)
    wanted: list[Product] = []
    for _ in range(1 + int(chance.expovariate(0.4))):
        at += timedelta(seconds=chance.randrange(8, 180))
        product = brand.pick(chance)
        story.tell(at, source, "product.viewed", ids, _seen(product), channel=channel)
        if chance.random() < 0.25:
            wanted.append(product)
            added = {**_seen(product), "quantity": 1}
            story.tell(at + timedelta(seconds=5), source, "product.added", ids, added, channel=channel)
    if wanted and chance.random() < 0.6:
        _ordered(story, person, at + timedelta(minutes=1), (source, channel, ids), wanted)


def _ordered(
    story: Story, person: Person, at: datetime, whence: tuple[str, str, dict[str, str]], wanted: list[Product]
) -> None:
    """Placed; most are paid, some after hours, and sent; the others are cancelled."""
    chance, (source, channel, ids) = story.chance, whence
    lines = [_line(product, 1, story) for product in wanted]
    bought = Purchase(at, source, ids, story.new_order(), _total(lines), lines, "")
    story.tell(at, source, "checkout.started", ids, {"order_id": bought.order}, channel=channel)
    at += timedelta(seconds=40)
    story.tell(at, source, "order.placed", ids, _order(bought), channel=channel)
    if chance.random() < 0.12:
        cancelled = {"order_id": bought.order, "reason": "not paid"}
        story.tell(at + timedelta(hours=2), source, "order.cancelled", {}, cancelled, channel=channel)
        return
    at += timedelta(seconds=30) if chance.random() < 0.8 else timedelta(minutes=chance.randrange(20, 115))
    paid = {**_money(bought.order, bought.total), "method": chance.choice(("wechat", "alipay", "card"))}
    story.tell(at, source, "order.paid", {}, paid, channel=channel)
    shipped = {"order_id": bought.order, "carrier": "SF"}
    story.tell(at + timedelta(hours=chance.randrange(6, 40)), source, "order.shipped", {}, shipped, channel=channel)
    if person.members:
        _earn(story, person, bought)
    _afterwards(story, person, bought)


def _afterwards(story: Story, person: Person, bought: Purchase) -> None:
    """Days later: a rating, something sent back, a complaint that is dealt with."""
    chance = story.chance
    days = timedelta(days=chance.randrange(2, 12), minutes=chance.randrange(600))
    unhappy = chance.random() < 0.08
    if bought.ids and chance.random() < 0.2:
        score = chance.choice((1, 2)) if unhappy else chance.choices((3, 4, 5), (1, 4, 6))[0]
        about = {"order_id": bought.order}
        rated = {"scale": "csat", "score": score, "about": about, "comment": _COMMENTS[score]}
        story.tell(bought.at + days, bought.source, "feedback.rated", bought.ids, rated)
    if unhappy or chance.random() < 0.03:
        amount = bought.total if chance.random() < 0.5 else Decimal(bought.lines[0]["amount"])
        refund = {**_money(bought.order, amount), "refund_id": f"{bought.order}-r1", "reason": "sent back"}
        story.tell(bought.at + days + timedelta(hours=5), bought.source, "order.refunded", {}, refund)
    if unhappy and chance.random() < 0.5:
        _complain(story, person, bought, bought.at + days)


def _complain(story: Story, person: Person, bought: Purchase, at: datetime) -> None:
    ticket = f"{bought.order}-t1"
    opened = {"ticket_id": ticket, "kind": "complaint", "subject": story.chance.choice(_COMPLAINTS)}
    phone = known(person.phone(story.year_day()))
    story.tell(at, SERVICE, "ticket.opened", phone, {**opened, "priority": "high"}, channel="phone")
    solved = at + timedelta(hours=story.chance.randrange(2, 70))
    story.tell(solved, SERVICE, "ticket.resolved", {}, {"ticket_id": ticket, "kind": "complaint"}, channel="phone")


def _earn(story: Story, person: Person, bought: Purchase) -> None:
    points = {"points": int(bought.total), "reason": "purchase", "order_id": bought.order}
    if points["points"]:
        story.tell(bought.at + timedelta(minutes=5), POS, "points.earned", known(person.members[0]), points)


def _lines(story: Story, brand: Brand) -> list[dict[str, Any]]:
    return [
        _line(brand.pick(story.chance), story.chance.choices((1, 2, 3), (8, 2, 1))[0], story)
        for _ in range(story.chance.choices((1, 2, 3), (6, 3, 1))[0])
    ]


def _line(product: Product, quantity: int, story: Story) -> dict[str, Any]:
    percent = 100 - (story.sale.percent if story.sale else 0)
    amount = (product.price * quantity * percent / 100).quantize(_CENT)
    return {**_described(product), "quantity": quantity, "amount": str(amount)}


def _described(product: Product) -> dict[str, Any]:
    return {"sku": product.sku, "name": product.name, "category": product.category, "brand": product.brand}


def _seen(product: Product) -> dict[str, Any]:
    return {"sku": product.sku, "name": product.name, "category": product.category, "price": str(product.price)}


def _total(lines: Sequence[dict[str, Any]]) -> Decimal:
    return sum((Decimal(line["amount"]) for line in lines), Decimal(0))


def _order(bought: Purchase) -> dict[str, Any]:
    return {"order_id": bought.order, "total": str(bought.total), "lines": bought.lines}


def _money(order: str, amount: Decimal) -> dict[str, Any]:
    return {"order_id": order, "amount": str(amount)}
