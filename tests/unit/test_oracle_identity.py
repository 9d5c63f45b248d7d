"""The oracle's persons on histories written by hand, rule by rule of CONTRACT §2, Identity."""

from dataclasses import replace
from typing import Any

import pytest

from deploy.oracle.addresses import ids_of
from deploy.oracle.identity import CONTRACT, People, Rules, people
from deploy.oracle.log import visible
from tests.oracle.written import ARRIVAL, START, Said, said, written

ANN, BEN, ANNA = "member_id:M1", "member_id:M2", "user_id:U1"
MOBILE, OTHER, LANDLINE = "+8613800138001", "+8613800138002", "+861088888888"
PHONE = f"phone:{MOBILE}"


def seen(day: float = 0, kind: str = "app.opened", source: str = "pos", **ids: Any) -> Said:
    """An event that names some identifiers."""
    return said(kind, None, day, event_id=f"{kind}@{day}", source=source, top={"ids": ids})


def linked(day: float, **ids: Any) -> Said:
    """Somebody says these are one person's."""
    return seen(day, "customer.linked", **ids)


def unlinked(day: float, **ids: Any) -> Said:
    """Somebody says these are not."""
    return seen(day, "customer.unlinked", **ids)


def void(event_id: str, **ids: Any) -> Said:
    """That event has never been."""
    source, event = seen(50, "event.voided", **ids)
    return source, event | {"data": {"event_id": event_id}}


def persons(*history: Said, rules: Rules = CONTRACT) -> People:
    """Everybody at the history's end."""
    log = written(*history)
    return people(visible(log, ARRIVAL), log, rules)


def together(told: People, *addresses: str) -> bool:
    """Whether all of these are one person's."""
    return set(addresses) <= set(told.members(addresses[0]))


def rules_of(told: People) -> list[str]:
    """Why edges were refused, in the order in which they were weighed."""
    return [edge.rule for edge in told.refused]


def test_the_identifiers_of_an_event_are_normalised_and_in_order_of_priority_and_value() -> None:
    """None twice, and those that only mean something in one source carry it."""
    ids = {"phone": ["138 0013 8002", MOBILE, "13800138001"], "email": "Ann@Example.com", "oaid": "x", "card_no": "2"}
    assert ids_of("pos", {"ids": ids}) == (
        "card_no:2", PHONE, f"phone:{OTHER}", "email:ann@example.com", "oaid:pos/x",
    )  # fmt: skip


def test_identifiers_seen_together_are_one_persons() -> None:
    """Over others that were, too: member, phone, e-mail."""
    told = persons(seen(0, member_id="M1", phone=MOBILE), seen(1, phone=MOBILE, email="ann@example.com"))
    assert told.members(PHONE) == [ANN, PHONE, "email:ann@example.com"]
    assert told.refused == ()


def test_who_was_never_seen_with_others_is_alone() -> None:
    """A person of one identifier; one that was never a subject is nobody."""
    told = persons(seen(0, member_id="M1"))
    assert (told.members(ANN), told.root(ANN)) == ([ANN], ANN)
    assert (told.members(BEN), told.root(BEN), told.key(BEN)) == ([BEN], None, None)


def test_the_root_is_the_member_that_is_first_in_the_log_as_a_subject() -> None:
    """By arrival, not by time, nor by priority; the phone of the first event is no subject there."""
    told = persons(seen(9, member_id="M1", phone=MOBILE), seen(0, phone=MOBILE), seen(1, user_id="U1", phone=MOBILE))
    assert told.root(PHONE) == ANN
    assert told.key(ANNA) == (ARRIVAL, 0, 0, 0)


def test_a_voided_event_still_says_where_a_subject_stands_first() -> None:
    """So a person keeps its id when the first event turns out never to have been; a void itself makes no subject."""
    taken_back = void("app.opened@0", anonymous_id="a1")
    told = persons(seen(0, phone=MOBILE), taken_back, seen(1, member_id="M1", phone=MOBILE))
    assert told.root(ANN) == PHONE
    assert told.root("anonymous_id:a1") is None


def test_a_voided_sighting_joins_nobody() -> None:
    """Nor is what is still to occur a sighting."""
    history = (seen(0, member_id="M1", phone=MOBILE), seen(1, phone=MOBILE))
    assert together(persons(*history), ANN, PHONE)
    assert not together(persons(*history, void("app.opened@0")), ANN, PHONE)
    log = written(seen(9, member_id="M1", phone=MOBILE))
    assert not together(people(visible(log, START), log), ANN, PHONE)


def test_a_person_has_one_member_id() -> None:
    """The older edge joins, the younger is refused, whichever came first; each stays who they are."""
    younger, older = seen(1, member_id="M2", phone=MOBILE), seen(0, member_id="M1", phone=MOBILE)
    told = persons(younger, older)
    assert together(told, ANN, PHONE)
    assert told.refused == ((BEN, PHONE, "too_many_values", ("pos", "app.opened@1")),)
    assert (told.root(BEN), told.root(ANN)) == (BEN, ANN)


@pytest.mark.parametrize(("kind", "most"), [("phone", 5), ("email", 5), ("anonymous_id", 20), ("device_id", 20)])
def test_a_person_has_only_so_many_values(kind: str, most: int) -> None:
    """Five phones, five e-mails, twenty of others."""
    spelling = {"phone": "+86138001380{:02}", "email": "a{}@example.com"}.get(kind, "v{}")
    told = persons(*[seen(day, member_id="M1", **{kind: spelling.format(day + 1)}) for day in range(most + 2)])
    assert len(told.members(ANN)) == 1 + most
    assert rules_of(told) == ["too_many_values"] * 2


def test_a_limit_is_about_types_both_have() -> None:
    """A link made a person with two member_ids; a phone may join them all the same, a third member may not."""
    history = (linked(0, member_id=["M1", "M2"]), seen(1, member_id="M1", phone=MOBILE))
    assert together(persons(*history), ANN, BEN, PHONE)
    third = persons(*history, seen(2, member_id="M3", phone=MOBILE))
    assert rules_of(third) == ["too_many_values"]


def test_what_is_one_person_already_is_no_question() -> None:
    """An edge inside a person breaks no limit."""
    again = seen(2, member_id=["M1", "M2"])
    assert persons(linked(0, member_id=["M1", "M2"]), again).refused == ()


def crowd(kind: str, value: str, size: int, person: str = "member_id") -> list[Said]:
    """So many people, each seen with the value once."""
    return [seen(number, **{person: f"P{number}", kind: value}) for number in range(size)]


@pytest.mark.parametrize(
    ("kind", "value", "most"),
    [("phone", MOBILE, 3), ("card_no", "K", 3), ("email", "a@b.cc", 3), ("device_id", "D", 10)],
)
def test_a_value_of_too_many_people_joins_none_of_them(kind: str, value: str, most: int) -> None:
    """Up to the limit the first is joined and others are too many; with one more nobody ever was."""
    address = f"{kind}:{value}"
    assert together(persons(*crowd(kind, value, most)), address, "member_id:P0")
    told = persons(*crowd(kind, value, most + 1), seen(20, **{kind: value, "anonymous_id": "a1"}))
    assert told.members(address) == [address]
    assert rules_of(told) == ["shared_value"] * (most + 2)


def test_people_are_user_ids_member_ids_and_customer_numbers() -> None:
    """One of each and one more are four; cards and devices are nobody."""
    three = [seen(0, user_id="1", phone=MOBILE), seen(1, member_id="1", phone=MOBILE)]
    three += [seen(2, customer_no="1", phone=MOBILE), seen(3, card_no="1", device_id="1", phone=MOBILE)]
    assert rules_of(persons(*three)) == []
    assert set(rules_of(persons(*three, seen(4, customer_no="2", phone=MOBILE)))) == {"shared_value"}


def test_other_values_may_be_of_any_number_of_people() -> None:
    """A union id has no such limit."""
    assert "shared_value" not in rules_of(persons(*crowd("wechat_unionid", "w", 12)))


def test_whoever_was_parted_from_a_value_is_none_of_its_people() -> None:
    """Four with one phone, one of them unlinked: three; linked again: four."""
    history = crowd("phone", MOBILE, 4)
    parted = unlinked(9, member_id="P3", phone=MOBILE)
    told = persons(*history, parted)
    assert together(told, PHONE, "member_id:P0")
    assert sorted(rules_of(told)) == ["too_many_values", "too_many_values", "unlinked"]
    back = persons(*history, parted, linked(10, member_id="P3", phone=MOBILE))
    assert back.members(PHONE) == ["member_id:P3", PHONE]


def test_links_are_no_sightings_of_people() -> None:
    """Four linked with a phone do not make it a shared one."""
    told = persons(*[linked(number, member_id=f"P{number}", phone=MOBILE) for number in range(4)])
    assert len(told.members(PHONE)) == 5


@pytest.mark.parametrize(("kind", "value", "rule"), [("oaid", "x", "never_joins"), ("phone", LANDLINE, "not_mobile")])
def test_oaids_and_landlines_join_nobody_by_being_seen(kind: str, value: str, rule: str) -> None:
    """A link joins them."""
    ids: dict[str, Any] = {"member_id": "M1", kind: value}
    address = ids_of("pos", {"ids": {kind: value}})[0]
    told = persons(seen(0, **ids))
    assert (together(told, ANN, address), rules_of(told)) == (False, [rule])
    assert together(persons(seen(0, **ids), linked(1, **ids)), ANN, address)


@pytest.mark.parametrize(
    ("number", "joins"), [("+864008123123", False), ("+8617012345678", True), ("+12015550123", True)]
)
def test_only_a_telephone_one_carries_joins(number: str, *, joins: bool) -> None:
    """A hotline does not; an American number may be a mobile."""
    assert together(persons(seen(0, member_id="M1", phone=number)), ANN, f"phone:{number}") == joins


def test_scoped_identifiers_join_within_their_source_only() -> None:
    """The same open id of two shops is two people's."""
    told = persons(
        seen(0, member_id="M1", wechat_openid="o1"),
        seen(1, member_id="M2", wechat_openid="o1", source="shop"),
        seen(2, wechat_openid="o1", phone=MOBILE),
    )
    assert told.members(ANN) == [ANN, PHONE, "wechat_openid:pos/o1"]
    assert told.members(BEN) == [BEN, "wechat_openid:shop/o1"]


def test_a_link_overrides_limits_but_not_blocked_values() -> None:
    """Two members, a shared phone; a value the rules block joins nobody, however it is said."""
    shared = crowd("phone", MOBILE, 4)
    assert together(
        persons(*shared, linked(9, member_id=["P0", "P1"], phone=MOBILE)), "member_id:P0", "member_id:P1", PHONE
    )
    blocked = replace(CONTRACT, blocked=frozenset({PHONE}))
    told = persons(seen(0, member_id="M1", phone=MOBILE), linked(1, member_id="M1", phone=MOBILE), rules=blocked)
    assert (together(told, ANN, PHONE), rules_of(told)) == (False, ["blocked_value", "blocked_value"])


@pytest.mark.parametrize("day", [-1, 0, 1])
def test_an_unlink_beats_every_co_occurrence(day: float) -> None:
    """Earlier or later."""
    told = persons(seen(0, member_id="M1", phone=MOBILE), unlinked(day, member_id="M1", phone=MOBILE))
    assert (together(told, ANN, PHONE), rules_of(told)) == (False, ["unlinked"])


def test_an_unlink_parts_a_pair_and_no_more() -> None:
    """Over an e-mail both were seen with, they are still one person."""
    over = (seen(0, member_id="M1", email="a@b.cc"), seen(1, phone=MOBILE, email="a@b.cc"))
    assert together(persons(*over, unlinked(2, member_id="M1", phone=MOBILE)), ANN, PHONE)


@pytest.mark.parametrize(("link", "unlink", "joined"), [(1, 2, False), (2, 1, True), (1, 1, False)])
def test_between_link_and_unlink_the_later_holds(link: float, unlink: float, *, joined: bool) -> None:
    """At the same time the unlink; whichever came first."""
    pair = (linked(link, member_id=["M1", "M2"]), unlinked(unlink, member_id=["M1", "M2"]))
    for history in (pair, pair[::-1]):
        told = persons(*history)
        assert together(told, ANN, BEN) == joined
        assert rules_of(told) == ([] if joined else ["unlinked"])


def test_a_pair_linked_again_is_joined_since_then_and_by_what_was_seen_before() -> None:
    """The first link is overtaken: neither weighed nor refused. The sighting counts as ever."""
    pair: dict[str, Any] = {"member_id": "M1", "phone": MOBILE}
    history = (linked(1, **pair), unlinked(2, **pair), linked(3, **pair))
    assert together(persons(*history), ANN, PHONE)
    other = seen(2.5, member_id="M2", phone=MOBILE)
    assert (together(told := persons(*history, other), ANN, BEN), rules_of(told)) == (True, [])
    assert rules_of(persons(seen(0, **pair), *history, other)) == ["too_many_values"]


def test_three_identifiers_in_one_link_are_three_pairs() -> None:
    """To part one pair of them leaves them together over the third."""
    three: dict[str, Any] = {"member_id": "M1", "phone": MOBILE, "anonymous_id": "a1"}
    assert together(persons(linked(0, **three), unlinked(1, member_id="M1", phone=MOBILE)), ANN, PHONE)
    told = persons(linked(0, **three), unlinked(1, **three))
    assert told.members(ANN) == [ANN]
    assert rules_of(told) == ["unlinked"] * 3


def test_pairs_of_one_event_are_weighed_in_the_order_of_its_identifiers() -> None:
    """First with second and third, then second with third."""
    told = persons(seen(0, member_id=["M1", "M2"], phone=MOBILE))
    assert [edge[:3] for edge in told.refused] == [(ANN, BEN, "too_many_values"), (BEN, PHONE, "too_many_values")]
    assert told.members(PHONE) == [ANN, PHONE]


def test_edges_are_weighed_by_time_then_event_id_then_source() -> None:
    """Ids as text: "e10" before "e2"."""
    ten, two = (
        said("app.opened", None, event_id=name, top={"ids": {"member_id": who, "phone": MOBILE}})
        for name, who in (("e10", "M2"), ("e2", "M1"))
    )
    assert together(persons(two, ten), BEN, PHONE)
