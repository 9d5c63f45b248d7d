"""The oracle's traits: who is believed, what is doubtful, what follows."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from deploy.oracle.reading import flags_of
from tests.oracle.written import Said, dossier_of, said

TODAY = date(2026, 4, 11)


def date_time(day: int, hour: int) -> datetime:
    """A moment of April 2026."""
    return datetime(2026, 4, day, hour, tzinfo=UTC)


def identified(day: float, source: str = "pos", **traits: Any) -> Said:
    """What a source says of Ann."""
    return said("customer.identified", "M1", day, source=source, traits=traits)


def test_traits_are_those_said_last_and_null_takes_away() -> None:
    """Per key, by time and then event_id; a null that came earlier takes nothing away."""
    facts = [
        said("customer.identified", "M1", 1, event_id="b", traits={"city": "上海", "name": "Ann", "age": None}),
        said("customer.identified", "M1", 1, event_id="a", traits={"city": "杭州", "age": 3}),
        said("customer.identified", "M1", 0, traits={"name": None, "level": False}),
    ]
    assert dossier_of(*facts)["traits"] == {"city": "上海", "name": "Ann", "level": False}


def test_trusted_sources_are_believed_whatever_the_time() -> None:
    """Those listed earlier more, those not listed least; `*` is for traits that have no list of their own."""
    history = (
        identified(1, "crm", city="上海", name="Ann", level=1),
        identified(2, "app", city="杭州", name="Annie", level=2),
        identified(3, "pos", city="北京", name="A.", level=3),
    )
    trusted = {"city": ["crm", "app"], "*": ["app"]}
    assert dossier_of(*history, trusted=trusted)["traits"] == {"city": "上海", "name": "Annie", "level": 2}
    assert dossier_of(*history, trusted={"city": ["nobody"]})["traits"]["city"] == "北京"


def test_a_null_of_the_one_believed_takes_the_trait_away() -> None:
    """Of one source the last holds; of one not trusted a null does nothing to what a trusted one said."""
    said_so, taken, later = (
        identified(1, "crm", city="上海"),
        identified(2, "crm", city=None),
        identified(3, city="北京"),
    )
    assert dossier_of(said_so, taken, later, trusted={"*": ["crm"]})["traits"] == {}
    assert dossier_of(said_so, identified(2, city=None), trusted={"*": ["crm"]})["traits"] == {"city": "上海"}


def test_each_trait_says_where_it_comes_from() -> None:
    """Source, event and time, and what is doubtful in it."""
    details = dossier_of(identified(1, "crm", city="", level=2), identified(2, "crm", level=None))["trait_details"]
    assert details == {
        "city": {
            "value": "", "source": "crm", "occurred_at": "2026-01-02T00:00:00Z", "event_id": "customer.identified@1",
            "flags": ["blank"],
        }
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "flags"),
    [
        ("birthday", "1990-02-28", []),
        ("birth_date", "1990-02-30", ["not_a_date"]),
        ("birthday", "2026-04-11", []),
        ("birthday", "2026-04-12", ["in_the_future"]),
        ("birthday", "1899-12-31", ["implausible"]),
        ("birthday", "1905-04-12", []),
        ("birthday", "1905-04-11", ["implausible"]),
        ("birthday", 19900228, ["not_a_date", "not_text"]),
        ("gender", "Female", []),
        ("sex", "purple", ["not_a_gender"]),
        ("email", "Ann@Example.com", []),
        ("e_mail", "ann@nowhere", ["not_an_email"]),
        ("phone", "138 0013 8001", []),
        ("mobile", "12", ["not_a_phone"]),
        ("postal_code", "200000", []),
        ("postcode", "20000", ["not_a_postal_code"]),
        ("name", "Ann2", ["has_digits"]),
        ("name", "unknown", ["placeholder"]),
        ("name", " ", ["blank"]),
        ("name", 3, ["not_text"]),
        ("level", "x" * 998, []),
        ("level", "x" * 999, ["too_long"]),
        ("level", 3, []),
        ("city", True, ["not_text"]),
    ],
)
def test_what_is_doubtful_is_flagged(key: str, value: Any, flags: list[str]) -> None:
    """By codes, in order of name, on 2026-04-11."""
    assert flags_of(key, value, TODAY) == flags


@pytest.mark.parametrize(
    "birthday",
    ["1990-03-01", "1990/3/1", "19900301", "1990.03.01", "1990年3月1日", "1990-03-01T23:30:00+08:00"],
)
def test_a_birthday_has_many_spellings(birthday: str) -> None:
    """All of them one day."""
    derived = dossier_of(identified(1, birthday=birthday))["derived"]
    assert (derived["birthday"], derived["age"]) == ("1990-03-01", 36)


def test_age_is_in_whole_years_of_the_platforms_zone() -> None:
    """The birthday of 10 April begins in Shanghai at 16:00 UTC of the day before."""
    log = (identified(1, birthday="1990-04-10"),)
    day = dossier_of(*log)["derived"]["age"]
    before = dossier_of(*log, as_of=date_time(9, 15))["derived"]["age"]
    then = dossier_of(*log, as_of=date_time(9, 16))["derived"]["age"]
    assert (day, before, then) == (36, 35, 36)


def test_nothing_follows_from_a_flagged_trait() -> None:
    """Another name for the same may help out."""
    assert dossier_of(identified(1, birthday="soon", gender="purple"))["derived"] == {
        "age": None, "birthday": None, "gender": None, "address": None,
    }  # fmt: skip
    helped = dossier_of(identified(1, birthday="soon", birth_date="1990-04-10", gender="purple", sex="女"))["derived"]
    assert (helped["birthday"], helped["gender"]) == ("1990-04-10", "female")


def test_an_address_that_is_an_object_fills_what_plain_traits_leave_open() -> None:
    """State is a province, street a line; blanks fill nothing."""
    whole = {"country": "CN", "state": "Hunan", "city": "长沙", "line": " ", "street": "S 1"}
    told = dossier_of(identified(1, address=whole, city="株洲", country=""))["derived"]["address"]
    assert told == {"country": "CN", "province": "Hunan", "city": "株洲", "line": "S 1"}
    line = dossier_of(identified(1, address="Nanjing Road 1"))["derived"]["address"]
    assert line == {"country": None, "province": None, "city": None, "line": "Nanjing Road 1"}
