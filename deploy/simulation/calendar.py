"""The days of a simulated mall: how busy each is, and which promotion runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

_SPRING_FESTIVALS = (date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26))
_WEEKDAYS = (0.85, 0.8, 0.85, 0.9, 1.1, 1.5, 1.4)
"""Monday to Sunday."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """A sale: its name as a campaign, how much busier it makes a day, and what is taken off."""

    name: str
    rush: float
    percent: int


_SALES = {
    (3, 8): Promotion("women-s-day", 1.8, 10),
    (6, 18): Promotion("618", 3.0, 20),
    (11, 11): Promotion("double-11", 4.0, 25),
    (12, 12): Promotion("double-12", 2.2, 15),
    (12, 24): Promotion("christmas", 1.6, 10),
}
_HOLIDAYS = {(1, 1): 1, (5, 1): 5, (10, 1): 7}
"""How many days each lasts."""
_HOLIDAY_RUSH = 1.7
_SPRING_SALE = Promotion("spring-festival", 2.0, 15)


def promotion(day: date) -> Promotion | None:
    """The sale of a day: those of one day last three, the one before the Spring Festival two weeks."""
    for back in range(3):
        before = day - timedelta(days=back)
        if found := _SALES.get((before.month, before.day)):
            return found
    if any(timedelta() < festival - day <= timedelta(days=14) for festival in _SPRING_FESTIVALS):
        return _SPRING_SALE
    return None


def rush(day: date) -> float:
    """How busy a day is; 1 is usual. In the week of the Spring Festival the mall is nearly empty."""
    if any(timedelta() <= day - festival < timedelta(days=5) for festival in _SPRING_FESTIVALS):
        return 0.3
    sale = promotion(day)
    busy = _WEEKDAYS[day.weekday()] * (sale.rush if sale else 1.0)
    return busy * (_HOLIDAY_RUSH if _is_holiday(day) else 1.0)


def _is_holiday(day: date) -> bool:
    return any(
        timedelta() <= day - date(day.year, *begin) < timedelta(days=length) for begin, length in _HOLIDAYS.items()
    )
