"""Which likely pairs are proposed: those of one person, not of one household, nor those somebody has set apart."""

from __future__ import annotations

from typing import Any

from deploy.matching.suggest import Apart, Wanted, as_suggestion, suggest
from projections.matching import Known
from tests.ingest.fakes import NOW

HOME = {"city": "杭州", "address": "文三路 1 号 2 幢 301 室", "phone": "13800138000"}


def known(number: int, *members: str, **traits: Any) -> Known:
    root = f"member_id:{number}"
    return Known(f"p{number}", root, [root, *members], traits)


def found(*people: Known, apart: list[list[str]] | None = None, limit: int = 10) -> list[tuple[str, str]]:
    pairs = suggest([list(people)], Apart(apart or []), Wanted(0.9, limit), "CN", lambda _step: None)
    return [(pair.left.person_id, pair.right.person_id) for pair in pairs]


WANG = known(1, name="王小明", birthday="1990-01-02", **HOME)
AGAIN = known(2, "card_no:7", name="王小明", birthday="1990/1/2", **HOME)
OTHERS = [known(n, name=f"李{n}", birthday=f"19{n}-05-06", city="上海") for n in range(40, 60)]


def test_the_same_name_birthday_and_home_are_proposed() -> None:
    """Among few people, too, from whom nothing can be learnt."""
    assert found(WANG, AGAIN, *OTHERS) == [("p1", "p2")]


def test_a_household_is_not_one_person() -> None:
    """Neither husband and wife, nor twins, nor somebody without a name: same home and telephone, same birthday."""
    wife = known(3, name="李芳", birthday="1991-03-04", **HOME)
    twin = known(4, name="王芳", birthday="1990-01-02", **HOME)
    nameless = known(5, birthday="1990-01-02", **HOME)
    assert found(WANG, wife, twin, nameless, *OTHERS) == []


def test_who_was_set_apart_is_not_proposed() -> None:
    """By any two addresses of the two people; other people's do not matter."""
    assert found(WANG, AGAIN, *OTHERS, apart=[["card_no:7", "member_id:1"]]) == []
    assert found(WANG, AGAIN, *OTHERS, apart=[["member_id:40", "member_id:1"], ["x", "y"]]) == [("p1", "p2")]


def test_nobody_and_too_little_give_nothing() -> None:
    """No people, one, and people without anything personal."""
    assert found() == found(WANG) == found(known(1, **HOME), known(2, **HOME)) == []


def test_no_more_than_wanted() -> None:
    """The likeliest are kept."""
    third = known(3, name="王小明", birthday="1990-01-02", city="杭州")
    assert len(found(WANG, AGAIN, third, *OTHERS)) == 3
    assert found(WANG, AGAIN, third, *OTHERS, limit=1) == [("p1", "p2")]


def test_a_suggestion_says_why_and_holds_no_names() -> None:
    """Reasons in words with their weight; the id does not depend on who comes first."""
    [pair] = suggest([[WANG, AGAIN]], Apart([]), Wanted(0.9, 1), "CN", lambda _step: None)
    kept = as_suggestion(pair, NOW)
    assert {"field": "name", "says": "the same"} in [{k: each[k] for k in ("field", "says")} for each in kept.reasons]
    assert "王" not in str(kept)
    [turned] = suggest([[AGAIN, WANG]], Apart([]), Wanted(0.9, 1), "CN", lambda _step: None)
    assert as_suggestion(turned, NOW).suggestion_id == kept.suggestion_id
