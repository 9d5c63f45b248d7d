"""Traits are kept as they were said: flags say what is odd, and nothing is derived from what is mistaken."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.derived import derive, usable
from schemas.traits import age_on, check, read_date, read_gender

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("key", "value", "flags"),
    [
        ("birthday", "1990-02-28", []),
        ("birthday", "yesterday", ["not_a_date"]),
        ("birthday", "1990-02-30", ["not_a_date"]),
        ("birth_date", "2026-11-23", ["in_the_future"]),
        ("birth_date", "2026-11-22", []),
        ("birthday", "1899-12-31", ["implausible"]),
        ("birthday", "1905-11-22", ["implausible"]),
        ("birthday", "1905-11-23", []),
        ("birthday", "", ["blank", "not_a_date"]),
        ("birthday", 19900228, ["not_a_date", "not_text"]),
        ("gender", "女士", []),
        ("sex", 1, []),
        ("gender", 2, ["not_text"]),
        ("gender", True, ["not_a_gender", "not_text"]),
        ("gender", "unknown", ["not_a_gender"]),
        ("email", "ann@example.com", []),
        ("e_mail", "ann at example", ["not_an_email"]),
        ("email", None, ["not_an_email", "not_text"]),
        ("phone", "138 0013 8000", []),
        ("mobile", "12", ["not_a_phone"]),
        ("telephone", "000000", ["not_a_phone"]),
        ("name", "Ann", []),
        ("name", "  ", ["blank"]),
        ("name", "测试", ["placeholder"]),
        ("name", "Ann 2", ["has_digits"]),
        ("name", "000", ["has_digits", "placeholder"]),
        ("name", ["Ann"], ["not_text"]),
        ("postal_code", "200000", []),
        ("postcode", "2000", ["not_a_postal_code"]),
        ("level", "", ["blank"]),
        ("level", 3, []),
        ("hobbies", ["x" * 997], ["too_long"]),
        ("hobbies", ["x" * 996], []),
        ("address", {"city": "上海"}, ["not_text"]),
    ],
)
def test_flags_say_what_is_odd(key, value, flags):
    """Each trait is judged by its name; what the region decides is judged for China here."""
    assert check(key, value, "CN", TODAY) == flags


@pytest.mark.parametrize("code", ["SW1A 1AA", "12345-678", "100"])
def test_postal_codes_of_elsewhere_are_letters_and_digits(code):
    """Six digits are asked for in China only."""
    assert check("postal_code", code, "GB", TODAY) == []
    assert check("postal_code", code, "CN", TODAY) == ["not_a_postal_code"]
    assert check("postal_code", "上海", "GB", TODAY) == ["not_a_postal_code"]


@pytest.mark.parametrize(
    "written",
    [
        "1990-02-08", "1990/2/8", "1990/02/08", "19900208", "1990.02.08", "1990年2月8日", "1990年02月08日",
        "1990-02-08T23:30:00-08:00", "1990-02-08T00:30:00.5Z",
    ],
)  # fmt: skip
def test_dates_are_read_however_they_are_written(written):
    """A time's date is the one it was written with."""
    assert read_date(written) == date(1990, 2, 8)


@pytest.mark.parametrize("written", ["1990-2-8", "08/02/1990", "1990", "1990-02-08 00:00", "1990-02-31T00:00:00Z", ""])
def test_other_dates_are_none(written):
    """Nothing is guessed."""
    assert read_date(written) is None


def test_genders_are_read_in_several_words():
    """Words and the codes of the national standard, in any case."""
    assert {read_gender(word) for word in ("F", "female", "女", "女士", "2")} == {"female"}
    assert {read_gender(word) for word in ("M", "Male", "男", "先生", "1")} == {"male"}
    assert {read_gender(word) for word in ("other", "X", "其他")} == {"other"}
    assert {read_gender(word) for word in ("", "0", "9", "unknown")} == {None}


def test_an_age_is_whole_years():
    """A birthday counts from its day on."""
    born = date(2000, 2, 29)
    assert [age_on(day, born) for day in (date(2001, 2, 28), date(2001, 3, 1), date(2004, 2, 29))] == [0, 1, 4]


def test_what_follows_from_traits():
    """Birthday and gender in one spelling; an address that is an object fills what plain traits leave open."""
    traits = {
        "birth_date": "1990/11/23",
        "sex": "M",
        "city": "上海",
        "address": {"state": "Shanghai", "city": "Pudong", "street": "Century Avenue 1", "postal_code": "200120"},
    }
    address = {"country": None, "province": "Shanghai", "city": "上海", "line": "Century Avenue 1"}
    assert derive(traits, TODAY) == {"age": 35, "birthday": "1990-11-23", "gender": "male", "address": address}


def test_nothing_follows_from_nothing():
    """Blank traits, and those of another kind, say nothing."""
    nothing = {"age": None, "birthday": None, "gender": None, "address": None}
    assert derive({}, TODAY) == nothing
    assert derive({"city": " ", "province": 3, "address": {"line": ""}, "gender": "?"}, TODAY) == nothing


def test_mistaken_traits_are_not_read_further():
    """A trait that is odd in another way may be."""
    mistaken = ["not_a_date", "not_an_email", "not_a_phone", "in_the_future", "implausible"]
    assert not any(usable([flag]) for flag in mistaken)
    assert usable(["not_text", "has_digits", "too_long", "blank", "placeholder"])
