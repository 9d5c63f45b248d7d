"""The built-in tags, asked of histories written by hand: what each says of whom, and that all are told apart."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from deploy.oracle.definitions.facts import World
from deploy.oracle.definitions.population import tag_values_of, world
from deploy.oracle.model import Json
from schemas.builtin import builtin_definitions
from schemas.definitions import TagDefinition, canonical, check_graph, read_yaml
from tests.oracle.definitions.written import at, known_as, opened
from tests.oracle.written import Said, said, written

BUILT_IN = builtin_definitions()
BODIES: dict[str, Json] = {each.key: canonical(each) for each in BUILT_IN}
ANN = "member_id:M1"
NOW = 1000
"""Days after the beginning."""
OF_EVERY_BUYER = {
    "frequency", "value", "lifecycle", "rfm_class", "rfm_view", "rfm_group", "rfm_fixed", "price_sensitivity",
}  # fmt: skip


def everyone(*history: Said, day: float = NOW) -> World:
    """Everybody then, with the built-in definitions in force."""
    return world(written(*history), at(day), definitions={"tag": BODIES})


def value(key: str, *history: Said, day: float = NOW) -> Any:
    """What the tag says of Ann."""
    return tag_values_of(everyone(*history, day=day), BODIES[key]).get(ANN)


def order(who: str, order_id: str, total: float, day: float, **more: Any) -> Said:
    """A completed order; Ann is M1."""
    return said("order.completed", who, day, event_id=order_id, order_id=order_id, total=total, **{"lines": [], **more})


def bought(order_id: str, total: float, day: float = 1, **more: Any) -> Said:
    """Ann's."""
    return order("M1", order_id, total, day, **more)


def test_all_that_the_contract_names_are_there() -> None:
    """Each a live tag, in a file named after it, with names in two languages and a sentence in both."""
    assert {each.key for each in BUILT_IN} == {
        "age_band", "channel_preference", "favourite_category", "frequency", "gender", "lifecycle", "new_customer",
        "old_customer", "price_sensitivity", "region", "rfm_class", "rfm_fixed", "rfm_group", "rfm_view", "value",
        "vip",
    }  # fmt: skip
    for each in BUILT_IN:
        assert isinstance(each, TagDefinition)
        assert each.status == "live"
        text = (files("schemas.builtin") / f"{each.key}.yaml").read_text(encoding="utf-8")
        assert read_yaml(text) == each
        names = [BODIES[each.key]["name"], *(tier["name"] for tier in BODIES[each.key].get("tiers", ()))]
        assert all(name["zh"] and name["en"] for name in names)
        chinese, _, english = (each.description or "").partition("。 ")
        assert not chinese.isascii()
        assert english.isascii()
        assert english.endswith(".")
    assert check_graph(BUILT_IN) == []


def test_each_value_is_said_once() -> None:
    """The eleven names, the four groups and the eight classes among them."""
    values = {key: [tier["value"] for tier in body["tiers"]] for key, body in BODIES.items() if "tiers" in body}
    assert all(len(set(each)) == len(each) for each in values.values())
    assert (len(values["rfm_view"]), len(values["rfm_group"]), len(values["rfm_fixed"])) == (11, 4, 8)
    assert values["lifecycle"] == ["potential", "lost", "at_risk", "new", "mature", "active"]


def test_every_buyer_has_each_of_them_and_nobody_else_has() -> None:
    """Fifty customers, from who bought once long ago to who buys every week; and one who never did."""
    history = [
        order(f"M{who}", f"{who}-{day}", 1 + who * 7, day)
        for who in range(50)
        for day in range(who * 19, 950, 7 + 40 * (who % 5))
    ]
    people = everyone(*history, said("app.opened", "looker", 3))
    buyers = {f"member_id:M{who}" for who in range(50)}
    for key in OF_EVERY_BUYER - {"lifecycle"}:
        assert tag_values_of(people, BODIES[key]).keys() == buyers, key
    assert tag_values_of(people, BODIES["lifecycle"]).keys() == buyers | {"member_id:looker"}
    assert set(tag_values_of(people, BODIES["value"]).values()) == {"A", "B", "C"}
    new, old = (tag_values_of(people, BODIES[key]).keys() for key in ("new_customer", "old_customer"))
    assert (new | old, new & old) == (buyers, set())


def test_every_cell_has_one_of_the_eleven_names() -> None:
    """Tiers of the view never overlap, so their order says nothing."""
    cells: dict[tuple[int, int], str] = {}
    for tier in BODIES["rfm_view"]["tiers"]:
        spans = [each["value"] if each["op"] == "between" else [each["value"]] * 2 for each in tier["where"]["all"]]
        for r in range(spans[0][0], spans[0][1] + 1):
            for f in range(spans[1][0], spans[1][1] + 1):
                assert cells.setdefault((r, f), tier["value"]) == tier["value"]
    assert len(cells) == 25
    assert (cells[5, 5], cells[1, 1], cells[1, 5], cells[5, 1]) == ("champions", "lost", "cannot_lose", "new")


@pytest.mark.parametrize(
    ("first", "last", "orders", "stage"),
    [
        (NOW - 10, NOW - 10, 1, "new"),
        (NOW - 59, NOW - 1, 5, "new"),
        (NOW - 60, NOW - 60, 1, "active"),
        (NOW - 300, NOW - 179, 3, "active"),
        (NOW - 300, NOW - 1, 4, "mature"),
        (NOW - 300, NOW - 180, 4, "at_risk"),
        (NOW - 900, NOW - 364, 9, "at_risk"),
        (NOW - 900, NOW - 365, 9, "lost"),
    ],
)
def test_lifecycle(first: int, last: int, orders: int, stage: str) -> None:
    """By the first and last counted order and how many there are."""
    days = [first, *[last] * (orders - 1)]
    assert value("lifecycle", *[bought(str(number), 9, day) for number, day in enumerate(days)]) == stage


def test_who_never_bought_is_potential() -> None:
    """Neither did who gave everything back."""
    assert value("lifecycle", opened()) == "potential"
    given_back = said("order.refunded", "M1", 5, order_id="1", refund_id="r", amount=9)
    assert value("lifecycle", bought("1", 9, 4), given_back) == "potential"
    assert value("value", bought("1", 9, 4), given_back) is None


def test_frequency_is_of_the_last_year() -> None:
    """Only orders that count; who bought before that year is low."""
    lately = [bought(str(number), 9, NOW - 1 - number) for number in range(6)]
    cancelled = said("order.cancelled", "M1", NOW, order_id="0")
    assert value("frequency", *lately) == "high"
    assert value("frequency", *lately, cancelled) == "mid"
    assert value("frequency", *lately[:2]) == "mid"
    assert value("frequency", lately[0]) == value("frequency", bought("x", 9, 4)) == "low"


def test_value_is_abc_by_share() -> None:
    """The first in whom 80 % are reached is A, up to 95 % B; nothing spent is C, whatever others did."""
    assert value("value", bought("1", 81), order("M2", "2", 19, 1)) == "A"
    shares = [("M1", 70), ("M2", 20), ("M3", 6), ("M4", 4), ("M5", 0)]
    orders = [order(who, who, total, 1) for who, total in shares]
    found = tag_values_of(everyone(*orders), BODIES["value"])
    assert [found[f"member_id:{who}"] for who, _ in shares] == ["A", "A", "B", "C", "C"]
    assert value("value", bought("1", 0)) == "C"


def test_new_old_and_vip() -> None:
    """A tag with one condition is true or not there."""
    recent, early = bought("1", 900, NOW - 29), bought("1", 900, NOW - 30)
    assert (value("new_customer", recent), value("old_customer", recent)) == (True, None)
    assert (value("new_customer", early), value("old_customer", early)) == (None, True)
    others = [order(f"N{n}", f"n{n}", 5, 1) for n in range(9)]
    assert value("vip", recent, *others) is None
    assert value("vip", recent, bought("2", 1, 5), *others) is True


def test_what_the_customer_says() -> None:
    """Gender and age as they read; the province as it was written."""
    told = known_as(gender="女", birthday="1998-01-01", province="浙江")
    assert [value(key, told, day=5) for key in ("gender", "age_band", "region")] == ["female", "25_34", "浙江"]
    assert [value(key, opened()) for key in ("gender", "age_band", "region")] == [None, None, None]
    for years, band in ((17, "under_18"), (18, "18_24"), (64, "55_64"), (65, "65_plus")):
        assert value("age_band", known_as(birthday=f"{2026 - years}-01-01"), day=1) == band


def test_what_the_customer_prefers() -> None:
    """The category and the channel of most orders, and whether discounts are what counts."""
    book, scent = ({"sku": kind, "quantity": 1, "amount": 1, "category": kind} for kind in ("book", "perfume"))
    orders = (
        bought("1", 10, 1, lines=[book], top={"channel": "pos"}),
        bought("2", 10, 2, lines=[scent, scent], top={"channel": "app"}),
        bought("3", 80, 3, lines=[book, scent], coupon="SPRING", top={"channel": "app"}),
    )
    assert value("favourite_category", *orders) == "book"
    assert value("favourite_category", *orders[:2]) == "perfume"
    assert value("favourite_category", bought("4", 1)) is None
    assert value("channel_preference", *orders) == "app"
    assert [value("price_sensitivity", *orders[:n]) for n in (1, 3)] == ["low", "high"]


def test_groups_and_fixed_thresholds() -> None:
    """Two of eight classes each; and the eight by thresholds of one's own."""
    often = [bought(str(n), 400, NOW - n) for n in (1, 2, 3)]
    assert (value("rfm_class", *often, order("M2", "b", 5, 1)), value("rfm_group", *often, order("M2", "b", 5, 1))) == (
        "important_value",
        "important",
    )
    assert value("rfm_group", bought("1", 5, 1), order("M2", "b", 9, NOW), order("M3", "c", 9, NOW)) == "lost"
    assert value("rfm_fixed", *often) == "important_value"
    assert value("rfm_fixed", *often[:2]) == "general_develop"
    assert value("rfm_fixed", bought("1", 1000, NOW - 91)) == "important_win_back"
    assert value("rfm_fixed", *[bought(str(n), 9, 1) for n in range(3)]) == "general_keep"
