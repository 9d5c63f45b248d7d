"""The one door to Splink, which scores pairs of records by the model of Fellegi and Sunter, and to DuckDB under it.

What it learns, it learns from the people at hand: how often strangers agree, by a sample with a fixed seed; how often
two records of one person do, by expectation maximisation. From too few people nothing is learnt, and the starting
points of `comparisons` hold.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from deploy.matching.comparisons import BLOCKS, CERTAIN, COMPARISONS, MOST_IN_A_BLOCK, Comparison, Level
from deploy.matching.records import COLUMNS, PersonRecord

_FEWEST_TO_LEARN_FROM = 500
_FEWEST_PAIRS_OF_A_LESSON = 100
_SAMPLED_PAIRS = 1_000_000
_PAIRS_OF_A_LESSON = 1_000_000
_SEED = 1
_FOUND_BY_CERTAIN = 0.7
"""How many of one person's pairs agree in what is certain; only a starting point."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What one comparison says of a pair, and with how many bits for it (or against it)."""

    field: str
    says: str
    bits: float
    personal: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two."""

    person_id: str
    root: str
    name: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people who may be one, and why."""

    left: Side
    right: Side
    probability: float
    agreements: tuple[Agreement, ...]


def likely_pairs(pages: Iterable[Sequence[PersonRecord]], threshold: float, tell: Tell) -> Iterator[Pair]:
    """Pairs of at least this probability, the likeliest first; `tell` hears what is being done."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        tell("Reading people")
        people = _keep(connection, pages)
        compared = [each for each in COMPARISONS if _is_known(connection, each)]
        if people < 2 or not any(each.personal for each in compared):
            return
        tell(f"Learning from {people:,} people")
        linker = _learnt(connection, people, compared)
        tell(f"Comparing {people:,} people")
        yield from _scored(connection, linker, compared, threshold)


_TEXT, _LIST = pa.string(), pa.list_(pa.string())
_SCHEMA = pa.schema([(name, _LIST if name in {"emails", "phones"} else _TEXT) for name in COLUMNS])
_TYPES = ", ".join(f"{name} {'VARCHAR[]' if name in {'emails', 'phones'} else 'VARCHAR'}" for name in COLUMNS)
_CREATE = f"CREATE TABLE record ({_TYPES})"
_BLOCK = "CASE WHEN count(*) OVER (PARTITION BY {key}) <= {most} THEN {key} END AS {name}"
_BLOCKED = ", ".join(_BLOCK.format(key=key, name=name, most=MOST_IN_A_BLOCK) for name, key in BLOCKS.items())
_PEOPLE = f"""
CREATE TABLE people AS SELECT row_number() OVER (ORDER BY person_id) AS unique_id, *, {_BLOCKED} FROM record
"""


def _keep(connection: duckdb.DuckDBPyConnection, pages: Iterable[Sequence[PersonRecord]]) -> int:
    """Put the records into a table page by page, with the blocks they are in; gives how many there are."""
    connection.execute(_CREATE)
    for page in pages:
        columns = {name: [getattr(record, name) or None for record in page] for name in COLUMNS}
        connection.register("page", pa.table(columns, schema=_SCHEMA))
        connection.execute("INSERT INTO record SELECT * FROM page")
        connection.unregister("page")
    connection.execute(_PEOPLE)
    return _count(connection, "SELECT count(*) FROM people")


def _is_known(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> bool:
    """Whether at least two people have something to compare here."""
    known = " OR ".join(f"{column} IS NOT NULL" for column in comparison.columns)
    return _count(connection, f"SELECT count(*) FROM people WHERE {known}") > 1


def _learnt(connection: duckdb.DuckDBPyConnection, people: int, compared: Sequence[Comparison]) -> Linker:
    learning = people >= _FEWEST_TO_LEARN_FROM
    database = DuckDBAPI(connection)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_as_splink(each, by_frequency=learning) for each in compared],
        blocking_rules_to_generate_predictions=[block_on(name) for name in BLOCKS],
        probability_two_random_records_match=_prior(connection, people),
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
    )
    linker = Linker(database.register("people"), settings, log_level=None)
    if learning:
        linker.training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=_SEED)
        for lesson in CERTAIN:
            if _pairs_agreeing(connection, lesson) >= _FEWEST_PAIRS_OF_A_LESSON:
                linker.training.estimate_parameters_using_expectation_maximisation(
                    block_on(*lesson), max_pairs=_PAIRS_OF_A_LESSON
                )
    return linker


def _as_splink(comparison: Comparison, *, by_frequency: bool) -> dict[str, Any]:
    missing = {"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True}
    levels = [_level(each, by_frequency=by_frequency) for each in comparison.levels]
    return {"output_column_name": _column(comparison), "comparison_levels": [missing, *levels]}


def _level(level: Level, *, by_frequency: bool) -> dict[str, Any]:
    said = {
        "sql_condition": level.sql,
        "label_for_charts": level.says,
        "m_probability": level.same_person,
        "u_probability": level.strangers,
    }
    return {**said, "tf_adjustment_column": level.frequency_of} if by_frequency and level.frequency_of else said


def _prior(connection: duckdb.DuckDBPyConnection, people: int) -> float:
    """How likely two people at random are one: from the pairs that agree in something certain, at least one."""
    certain = max(_pairs_agreeing(connection, columns) for columns in CERTAIN)
    return min(0.5, max(1, certain) / _FOUND_BY_CERTAIN / (people * (people - 1) / 2))


def _pairs_agreeing(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> int:
    known = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    groups = f"SELECT count(*) AS n FROM people WHERE {known} GROUP BY {', '.join(columns)}"
    return _count(connection, f"SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM ({groups})")


_PAIRS = """
SELECT l.person_id, l.root, coalesce(l.name, ''), r.person_id, r.root, coalesce(r.name, ''), p.match_probability, {said}
FROM {scored} AS p JOIN people AS l ON l.unique_id = p.unique_id_l JOIN people AS r ON r.unique_id = p.unique_id_r
ORDER BY round(p.match_weight, 6) DESC, l.person_id, r.person_id
"""


def _scored(
    connection: duckdb.DuckDBPyConnection, linker: Linker, compared: Sequence[Comparison], threshold: float
) -> Iterator[Pair]:
    scored = linker.inference.predict(threshold_match_probability=threshold, warning_mode="never")
    there = {column.name.strip('"') for column in scored.columns}
    said = ", ".join(f"p.gamma_{_column(each)}, {_bits(_column(each), there)}" for each in compared)
    answer = connection.execute(_PAIRS.format(said=said, scored=scored.physical_name))
    while rows := answer.fetchmany(1000):
        for row in rows:
            left, right, probability, levels = Side(*row[:3]), Side(*row[3:6]), row[6], row[7:]
            agreements = map(_agreement, compared, levels[::2], levels[1::2])
            yield Pair(left, right, probability, tuple(each for each in agreements if each is not None))


def _bits(column: str, there: Iterable[str]) -> str:
    """The weight of a comparison, and of how frequent its value is where that was looked at."""
    adjusted = f"mw_tf_adj_{column}"
    return f"p.mw_{column} + p.{adjusted}" if adjusted in there else f"p.mw_{column}"


def _agreement(comparison: Comparison, level: int, bits: float) -> Agreement | None:
    """Splink counts levels from the last, which is 0; -1 stands for a value that is missing."""
    if level < 0:
        return None
    said = comparison.levels[len(comparison.levels) - 1 - level]
    return Agreement(comparison.field, said.says, bits, comparison.personal)


def _column(comparison: Comparison) -> str:
    return comparison.field.replace("-", "")


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    [(found,)] = connection.execute(sql).fetchall()
    return int(found)
