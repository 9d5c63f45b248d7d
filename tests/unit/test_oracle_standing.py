"""The oracle's loyalty and consent."""

from datetime import timedelta
from typing import Any

import pytest

from tests.oracle.written import START, Said, dossier_of, said


def at(day: float) -> str:
    """A time, as channels write it."""
    return (START + timedelta(days=day)).isoformat()


def earned(points: float, day: float = 0, expires: float | None = None) -> Said:
    """Points that end on a day, or never."""
    end: dict[str, Any] = {} if expires is None else {"expires_at": at(expires)}
    return said("points.earned", "M1", day, points=points, **end)


def spent(points: float, day: float = 1) -> Said:
    """Points that are gone."""
    return said("points.spent", "M1", day, points=points)


def loyalty(*history: Said, day: float = 10) -> dict[str, Any]:
    """The section, as of a day."""
    section: dict[str, Any] = dossier_of(*history, as_of=START + timedelta(days=day))["loyalty"]
    return section


def test_points_and_tier() -> None:
    """Earned plus adjusted minus spent, and the tier said last; half points stay half."""
    told = [said("points.earned", "M1", 1, points=10.5), said("points.spent", "M1", 2, points=3)]
    tiers = [said("tier.changed", "M1", day, tier=tier) for day, tier in ((5, "gold"), (4, "silver"))]
    assert figures(*told, *tiers) == (7.5, "gold", None)
    assert figures(*told, said("points.adjusted", "M1", points=-7.5)) == (0, None, None)


def figures(*history: Said) -> tuple[Any, ...]:
    """Balance, tier, and until when it holds."""
    told = loyalty(*history)
    return told["points"], told["tier"], told["tier_until"]


def test_a_tier_holds_until_what_its_own_event_says() -> None:
    """Not until what an earlier one said."""
    gold = said("tier.changed", "M1", 1, tier="gold", valid_until="2027-01-01T08:00:00+08:00")
    assert figures(gold) == (0, "gold", "2027-01-01T00:00:00Z")
    assert figures(gold, said("tier.changed", "M1", 2, tier="silver")) == (0, "silver", None)


def test_what_ends_first_is_spent_first() -> None:
    """Of 10 that end on day 20 and 10 on day 30, 12 spent leave 8 of the later; the balance knows no ends."""
    told = loyalty(earned(10, 0, 30), earned(10, 0.5, 20), earned(100, 0.6), spent(12))
    assert told["expiring"] == {"points": 8, "next_at": "2026-01-31T00:00:00Z", "within_days": 30}
    assert (told["expired"], told["points"]) == (0, 108)


def test_points_without_an_end_are_spent_last() -> None:
    """Those adjusted upward are such; those adjusted away are spent."""
    more = said("points.adjusted", "M1", 1, points=50, expires_at=at(15))
    less = said("points.adjusted", "M1", 2, points=-4)
    told = loyalty(earned(5, 0, 20), more, less)
    assert (told["expiring"]["points"], told["expired"], told["points"]) == (1, 0, 51)


@pytest.mark.parametrize(("end", "expired", "expiring"), [(10, 5, 0), (10.00001, 0, 5), (40, 0, 5), (40.00001, 0, 0)])
def test_points_end_at_their_time_and_soon_is_30_days(end: float, expired: int, expiring: int) -> None:
    """On day 10."""
    told = loyalty(earned(5, 0, end))
    assert (told["expired"], told["expiring"]["points"]) == (expired, expiring)
    assert (told["expiring"]["next_at"] is None) == (expiring == 0)


def test_points_used_up_do_not_end() -> None:
    """Neither ended nor ending, whenever they were spent."""
    told = loyalty(earned(5, 0, 9), earned(5, 1, 20), spent(10, 9.5))
    assert (told["expired"], told["expiring"]) == (0, {"points": 0, "next_at": None, "within_days": 30})


def test_consent_is_what_was_said_last_for_each_purpose() -> None:
    """With when, on what evidence, until when."""
    yes = said("consent.changed", "M1", 1, purpose="sms", granted=True, expires_at="2027-01-01T08:00:00+08:00")
    no = said("consent.changed", "M1", 2, purpose="email", granted=False, evidence="form")
    first = {"granted": True, "at": "2026-01-02T00:00:00Z", "evidence": None, "expires_at": "2027-01-01T00:00:00Z"}
    first |= {"source": "pos", "event_id": "consent.changed@1", "effective": True}
    second = {"granted": False, "at": "2026-01-03T00:00:00Z", "evidence": "form", "expires_at": None}
    second |= {"source": "pos", "event_id": "consent.changed@2", "effective": False}
    assert dossier_of(no, yes)["consent"] == {"sms": first, "email": second}


@pytest.mark.parametrize(("end", "effective"), [(10, False), (10.00001, True)])
def test_a_consent_is_effective_until_its_end(end: float, *, effective: bool) -> None:
    """From that moment on it is not."""
    yes = said("consent.changed", "M1", 1, purpose="sms", granted=True, expires_at=at(end))
    told = dossier_of(yes, as_of=START + timedelta(days=10))["consent"]["sms"]
    assert (told["granted"], told["effective"]) == (True, effective)
