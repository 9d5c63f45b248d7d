"""What operators watch: the lag's tables, in both languages, whole and by topic."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console, RenderableType

from api.lag_state import STATES
from deploy.cli import words
from deploy.cli.lag_view import everything, lag_table
from deploy.cli.words import Language, language_of, word


def row(partition: int, state: str = "ok", **more: Any) -> dict[str, Any]:
    return {
        "group": "cdp-processors", "topic": "cdp.events.v1", "partition": partition, "committed": 1000, "end": 1000,
        "lag": 0, "lag_seconds": 0.0, "drain_seconds": 0.0, "state": state, "rate_in": 0.0, "rate_out": 0.0,
        "deleted_in_seconds": None, "hot_keys": [], **more,
    }  # fmt: skip


HOT = {"fingerprint": "0123456789ab", "type": "phone", "source": "pos", "share": 0.83, "offset": 7}
PROFILES = {"name": "profiles", "as_of": "2026-11-22T00:00:00Z", "lag_seconds": 12.5, "stale": True, "watermark": None}
BEHIND = row(1, "warn", end=3500, lag=2500, lag_seconds=12.5, rate_out=50.0, drain_seconds=50.0, hot_keys=[HOT])
ANSWER = {"groups": [row(0), BEHIND], "projections": [PROFILES]}


def printed(what: RenderableType) -> str:
    console = Console(width=160, no_color=True)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


def lines(what: RenderableType, *words_of_line: str) -> list[str]:
    """The lines in which all these words stand."""
    return [line for line in printed(what).splitlines() if all(each in line.split() for each in words_of_line)]


def test_all_is_shown_of_a_partition_that_is_behind():
    """Records, seconds, rates, how long it takes, its state, and who fills it."""
    shown = everything(ANSWER, Language.EN)
    assert lines(shown, "cdp.events.v1", "1", "1,000", "3,500", "2,500", "12.5", "0.0", "50.0", "50", "s", "warn")
    assert lines(shown, "phone", "0123456789ab", "pos", "83%", "7")
    assert lines(shown, "profiles", "12.5", "stale")


def test_a_low_terminal_shows_topics():
    """Rather than cut off the partitions at the bottom."""
    low = everything(ANSWER, Language.EN, height=8)
    assert lines(low, "cdp.events.v1", "4,500", "2,500", "warn")
    assert not lines(low, "cdp.events.v1", "3,500")
    assert lines(everything(ANSWER, Language.EN, height=30), "cdp.events.v1", "3,500")


def test_what_retention_will_take_is_shown_where_it_takes_anything():
    """A column more, only then."""
    near = row(1, "warn", lag=9, lag_seconds=7200.0, drain_seconds=None, deleted_in_seconds=5400.0)
    assert lines(lag_table({"groups": [row(0), near]}), "never", "1.5", "h", "warn")
    assert "deleted" not in printed(lag_table(ANSWER))


def test_a_topic_is_as_badly_off_as_its_worst_partition():
    """Records add up; the partition that never drains, or is stuck, decides."""
    stuck = row(2, "stalled", end=1100, lag=100, lag_seconds=60.0, drain_seconds=None)
    table = lag_table({**ANSWER, "groups": [*ANSWER["groups"], stuck]}, by_partition=False)
    assert lines(table, "cdp.events.v1", "3,000", "5,600", "2,600", "60.0", "50.0", "never", "stalled")


def test_what_is_not_known_is_a_dash():
    """Before the second look there is no rate, and no guess at one."""
    unknown = row(0, lag=5, rate_in=None, rate_out=None, lag_seconds=None, drain_seconds=None)
    assert lines(lag_table({"groups": [unknown]}), "5", "-", "ok")[0].split()[-5:] == ["-", "-", "-", "-", "ok"]


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_its_word(state: str):
    """In both languages."""
    assert lines(lag_table({"groups": [row(0, state)]}), state)
    assert word(state, Language.ZH) in printed(lag_table({"groups": [row(0, state)]}, Language.ZH))


def test_chinese_tables_hold_no_english_head():
    """Each word that is shown is translated."""
    shown = printed(everything(ANSWER, Language.ZH))
    for each in ("主题", "分区", "滞后", "预计追平", "状态", "警告", "投影", "过期", "指纹", "占比"):
        assert each in shown
    assert not {"topic", "partition", "seconds", "state", "stale"} & set(shown.split())
    assert all(translated.strip() for translated in vars(words)["_CHINESE"].values())


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_TW"}, "zh"),
        ({}, "en"),
    ],
)
def test_the_language_is_the_terminals(environment: dict[str, str], language: str):
    """As every program finds it."""
    assert language_of(environment) == language
