"""The words of a profile become a record in one spelling."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.matching.records import PersonRecord, record_of


def record(*members: str, **traits: Any) -> PersonRecord:
    return record_of("p", "member_id:1", traits, members, "CN")


@pytest.mark.parametrize(
    "said", ["1990-01-02", "19900102", "1990/1/2", "1990.01.02", "1990年1月2日", "1990-01-02T00:00:00+08:00", 19900102]
)
def test_a_birthday_is_read_however_it_is_written(said: object) -> None:
    """Eight digits come out."""
    assert record(birthday=said).birthday == "19900102"


def test_a_birthday_that_is_none_says_nothing() -> None:
    """Neither a word nor an empty value."""
    said: list[object] = ["soon", "", None, []]
    assert [record(birthday=each).birthday for each in said] == ["", "", "", ""]


def test_chinese_names_are_one_word_and_other_names_have_parts() -> None:
    """Parts are those said, else the first and the last of several words."""
    assert record(name="王小明") == record(name=" 王小明 ")
    assert (record(name="王小明").given_name, record(name="王小明").surname) == ("", "")
    long = record(name="Ana  María O'Brien")
    assert (long.name, long.given_name, long.surname) == ("ana maría o brien", "ana", "brien")
    said = record(given_name="Ana", surname="O'Brien")
    assert (said.name, said.given_name, said.surname) == ("ana o brien", "ana", "o brien")
    assert record(name="O'Brien Ana").name_key == said.name_key


def test_a_gender_is_read_in_any_of_its_words() -> None:
    """What cannot be read says nothing."""
    assert [record(gender=said).gender for said in ("女", "F", "male", "?")] == ["female", "female", "male", ""]


def test_placeholders_say_nothing() -> None:
    """What identifies nobody is not compared either."""
    assert record(name="未知", document_no="000000", email="test@test.com", phone="0") == record()
    assert not record(city="上海").is_comparable


def test_an_address_may_be_an_object() -> None:
    """Its parts fill what plain traits leave open."""
    whole = {"province": "浙江", "city": "杭州", "street": "文三路 1 号", "postal_code": "310 012"}
    found = record(address=whole, city="宁波")
    assert (found.province, found.city, found.address, found.postcode) == ("浙江", "宁波", "文三路 1 号", "310012")


def test_emails_and_phones_come_from_identifiers_and_traits() -> None:
    """Each once, spelt as identifiers are."""
    found = record("phone:+8613800138000", "email:a@x.cn", phone="138 0013 8000", email="B@X.cn")
    assert (found.phones, found.emails) == (("+8613800138000",), ("a@x.cn", "b@x.cn"))
