"""Lists of customers: what is read of them, and what each bad line is told."""

from __future__ import annotations

import pytest

from api.lists import MOST_LINES, MOST_WRONG, given, read_csv
from schemas.errors import RequestError
from schemas.identifiers import parse_address


def subject(address: str) -> str:
    return parse_address(address, "CN").address


def test_good_lines_are_taken_and_bad_ones_told_by_their_number() -> None:
    """The head is line 1; blank lines count, and are nothing."""
    lines = ["id,until", "phone:138 0013 8000,", "", "nonsense,", "member_id:M1,2026-12-01T00:00:00+08:00"]
    raw = "\ufeff" + "\r\n".join([*lines, "member_id:M2,soon", "member_id:M3", ""])
    found = read_csv(raw.encode(), "segment", subject)
    assert list(found.entries) == ["phone:+8613800138000", "member_id:M1"]
    until = found.entries["member_id:M1"].until
    assert until is not None
    assert until.isoformat() == "2026-11-30T16:00:00+00:00"
    assert [(each.line, each.code) for each in found.wrong] == [
        (4, "invalid_value"), (6, "invalid_time"), (7, "invalid_value"),
    ]  # fmt: skip
    assert found.rejected == 3


def test_type_and_value_may_stand_in_columns() -> None:
    """As they come out of other systems; in any order, in any case."""
    found = read_csv(b"Value,Type\nM1,member_id\n13800138000,phone\n", "segment", subject)
    assert list(found.entries) == ["member_id:M1", "phone:+8613800138000"]


def test_a_tags_values_are_read() -> None:
    """The same identifier twice: the last line holds."""
    found = read_csv("id,value\nmember_id:M1,银\nmember_id:M2,\nmember_id:M1,金\n".encode(), "tag", subject)
    assert {key: each.value for key, each in found.entries.items()} == {"member_id:M1": "金"}
    assert [each.line for each in found.wrong] == [3]


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", "segment"), (b"name\nx\n", "segment"), (b"id,id\nx,x\n", "segment"), (b"id\nmember_id:M1\n", "tag"),
        (b"type,value\nmember_id,M1\n", "tag"), (b"id,x\n", "segment"),
    ],
)  # fmt: skip
def test_a_head_that_names_nobody_is_refused(raw: bytes, kind: str) -> None:
    """With the columns there could be."""
    with pytest.raises(RequestError) as refused:
        read_csv(raw, "tag" if kind == "tag" else "segment", subject)
    assert refused.value.code == "bad_parameter"
    assert "id" in refused.value.message


@pytest.mark.parametrize("raw", [b"id\n\xff\n", b'id\n"x\n'])
def test_what_is_no_csv_is_unreadable(raw: bytes) -> None:
    """Half a list is not taken."""
    with pytest.raises(RequestError) as refused:
        read_csv(raw, "segment", subject)
    assert refused.value.code == "unreadable_body"


def test_a_list_has_an_end() -> None:
    """A hundred thousand lines; of bad ones a thousand are told."""
    with pytest.raises(RequestError) as refused:
        read_csv(b"id\n" + b"x:y\n" * (MOST_LINES + 1), "segment", subject)
    assert refused.value.code == "payload_too_large"
    found = read_csv(b"id\n" + b"x:y\n" * (MOST_WRONG + 5), "segment", subject)
    assert (found.rejected, len(found.wrong)) == (MOST_WRONG + 5, MOST_WRONG)


def test_addresses_to_add_and_to_remove() -> None:
    """Whoever is in both is taken out."""
    found = given(["member_id:M1", "member_id:M2", "bad"], ["member_id:M1"], subject)
    assert {key: each.value for key, each in found.entries.items()} == {"member_id:M2": True, "member_id:M1": None}
    assert [each.line for each in found.wrong] == [3]
