"""Identifiers have one spelling, whoever wrote them, and an address that leads back to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import Rejected, RequestError
from schemas.identifiers import IDENTIFIER_TYPES, SCOPED_TYPES, Identifier, normalise_ids, parse_address

VALUES = (
    st.text(max_size=30)
    | st.from_regex(r"\+?[0-9 ()-]{5,16}", fullmatch=True)
    | st.from_regex(r"[A-Za-z.]{1,8}@[A-Za-z]{1,8}\.[a-z]{2,3}", fullmatch=True)
    | st.integers()
    | st.none()
)
IDS = st.dictionaries(st.sampled_from(IDENTIFIER_TYPES), VALUES | st.lists(VALUES, max_size=3), max_size=5)


def read(ids, **more):
    """Read as source pos in region CN."""
    return normalise_ids(ids, source="pos", region="CN", **more)


def values(ids):
    """Give only their values."""
    return [each.value for each in read(ids)]


@given(IDS)
def test_normalising_again_changes_nothing(ids):
    """normalise(normalise(x)) = normalise(x), or x is refused."""
    try:
        once = read(ids)
    except Rejected:
        return
    again: dict[str, list[str]] = {}
    for each in once:
        again.setdefault(each.type, []).append(each.value)
    assert read(again) == once


@given(IDS, st.sampled_from([None, "brandb"]))
def test_an_address_leads_back(ids, namespace):
    """parse(address) is the identifier, scoped or not."""
    try:
        found = read(ids, namespace=namespace, namespaces={"brandb"})
    except Rejected:
        return
    for each in found:
        assert parse_address(each.address, "CN", {"brandb"}) == each


@given(IDS)
def test_identifiers_stand_by_priority(ids):
    """Sorted by type's priority, then value, none twice."""
    try:
        found = read(ids)
    except Rejected:
        return
    keys = [(IDENTIFIER_TYPES.index(each.type), each.value) for each in found]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize(
    "written",
    [
        "138 0013 8000",
        "13800138000",
        13800138000,
        "+8613800138000",
        "0086 138 0013 8000",
        "(86) 138-0013-8000",
        "\uff11\uff13\uff18\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10",
    ],
)
def test_a_phone_has_one_spelling(written):
    """Blanks, dashes, prefixes, wide digits, numbers: E.164."""
    assert values({"phone": written}) == ["+8613800138000"]


def test_a_phone_abroad_needs_its_plus():
    """The region is only for numbers without a country."""
    assert values({"phone": "+1 555 555 0100"}) == ["+15555550100"]
    assert [each.value for each in normalise_ids({"phone": "(202) 555-0100"}, source="x", region="US")] == [
        "+12025550100"
    ]


@pytest.mark.parametrize("written", ["12345", "12345678", "CALL ME 138001", "138****8000", "1" * 30, "+0000000", "abc"])
def test_what_no_phone_could_be_identifies_nobody(written):
    """Ignored, as a blocked value is: the event may have better identifiers."""
    assert values({"phone": written, "member_id": "M42"}) == ["M42"]


def test_an_email_is_lower_case():
    """And trimmed."""
    assert values({"email": "  An.Na@Example.COM "}) == ["an.na@example.com"]


@pytest.mark.parametrize(
    "written", ["anna", "anna@", "@example.com", "a b@example.com", "anna@example", "a@b@c.com", "a@.com"]
)
def test_what_no_email_could_be_identifies_nobody(written):
    """Ignored too."""
    assert values({"email": written}) == []


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  ",
        0,
        "0",
        "000000",
        "00000000-0000-0000-0000-000000000000",
        "-1",
        -1,
        None,
        "null",
        "NULL",
        "None",
        "nil",
        "(null)",
        "undefined",
        "Unknown",
        "anonymous",
        "N/A",
        "NaN",
        "test",
        "-",
        "***",
        "未知",
        "匿名",
        "[object Object]",
    ],
)
@pytest.mark.parametrize("kind", ["member_id", "phone", "email", "device_id", "wechat_openid"])
def test_placeholders_identify_nobody(kind, written):
    """Blank and blocked values are as if they were not there."""
    assert values({kind: written}) == []


@pytest.mark.parametrize("written", ["1", "M0", "10", "0a", "tester7", "unknown soldier", "nullable"])
def test_what_only_resembles_a_placeholder_counts(written):
    """Only whole values are blocked."""
    assert values({"member_id": written}) == [written]


@pytest.mark.parametrize("kind", sorted(SCOPED_TYPES))
def test_scoped_types_carry_their_source(kind):
    """They mean something inside one source only; a namespace, once declared, stands for the source."""
    assert read({kind: "a/b:c"}) == (Identifier(kind, "a/b:c", "pos"),)
    assert read({kind: "v"}, namespace="brandb")[0].address == f"{kind}:brandb/v"


def test_addresses_are_normalised():
    """A person may write the phone as they know it."""
    assert parse_address("phone:138 0013 8000", "CN").address == "phone:+8613800138000"
    assert parse_address("member_id:a:b/c", "CN") == Identifier("member_id", "a:b/c")
    assert parse_address("member_id:brandb/M42", "CN", {"brandb"}) == Identifier("member_id", "M42", "brandb")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "M42",
        "passport:1",
        "phone:unknown",
        "email:x",
        "wechat_openid:o1",
        "ouid:/x",
        "oaid:Pos/x",
        "user_id:\x00",
    ],
)
def test_bad_addresses_are_refused_clearly(text):
    """Unknown types, missing scopes, and values that identify nobody."""
    with pytest.raises(RequestError) as caught:
        parse_address(text, "CN")
    assert caught.value.code == "bad_parameter"
    assert caught.value.message.endswith(".")


def test_one_event_names_a_hundred_at_most():
    """An event is not a customer list."""
    read({"device_id": [f"d{number}" for number in range(100)]})
    with pytest.raises(Rejected) as caught:
        read({"device_id": [f"d{number}" for number in range(101)]})
    assert (caught.value.code, caught.value.pointer) == ("invalid_value", "/ids")


def test_the_pointer_may_start_elsewhere():
    """Who reads ids at another place says where."""
    with pytest.raises(Rejected) as caught:
        read({"phone": True}, pointer="/customer")
    assert caught.value.pointer == "/customer/phone"
