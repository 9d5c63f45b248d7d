"""Programs as text: readable SQL, every condition once, values as parameters only.

`python -m tests.projections.test_compiler_program` writes the golden files anew.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from projections.compiler import Program, compile_library
from projections.moments import AsOf
from projections.profiles import Terms
from projections.statements import statement
from schemas.definitions import parse

GOLDENS = Path(__file__).parent / "goldens"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FRAGMENTS = ("evaluated_facts", "evaluated_orders", "evaluated_assigned")
LAST = {"last": "30d"}
ORDERED = {"event": "order.completed", "window": LAST}
PERFUME = {"field": "data.lines.category", "op": "eq", "value": "perfume"}

DEFINITIONS: dict[str, list[dict[str, Any]]] = {
    "count": [
        {"key": "once", "where": ORDERED},
        {"key": "thrice", "where": {**ORDERED, "op": "gte", "value": 3}},
        {"key": "quiet", "where": {"event": "ticket.opened", "window": LAST, "op": "lt", "value": 1}},
    ],
    "filtered": [
        {"key": "perfume", "where": {"event": "order.completed", "where": [PERFUME]}},
        {"key": "quiz", "where": {"event": "custom.quiz", "where": [{"field": "data.score", "op": "gte", "value": 3}]}},
    ],
    "sum": [{"key": "big", "where": {**ORDERED, "measure": {"sum": "data.total"}, "op": "gte", "value": 100}}],
    "sequence": [
        {
            "key": "bought_viewed",
            "where": {
                "sequence": [
                    {"event": "product.viewed"},
                    {"event": "order.completed", "within": "3d", "same": "sku", "without": "ticket.opened"},
                ],
                "window": LAST,
            },
        }
    ],
    "behaviour": [
        {
            "key": "stopped",
            "where": {"stopped": "app.opened", "earlier": {"between_ago": ["90d", "30d"]}, "later": LAST},
        },
        {"key": "regular", "where": {"regular": "app.opened", "times": 2, "in": 3, "of": 4, "unit": "week"}},
        {
            "key": "pos_first",
            "where": {"first_event": "order.*", "has": [{"field": "channel", "op": "eq", "value": "pos"}]},
        },
    ],
    "orders": [
        {
            "key": "spent",
            "where": {
                "order": "any",
                "where": [{"field": "category", "op": "eq", "value": "perfume"}],
                "measure": {"sum": "net_amount"},
                "window": {"calendar": "this_year"},
                "op": "gte",
                "value": 1000,
            },
        }
    ],
    "references": [
        {"key": "value", "tiers": [{"value": "high", "where": ORDERED}, {"value": "low", "where": {"not": ORDERED}}]},
        {"key": "good", "where": {"all": [{"tag": "value", "value": "high"}, {"segment": "list"}]}},
        {"key": "list", "static": True},
    ],
    "persons": [
        {"key": "rich", "where": {"metric": "orders.net_amount", "op": "gte", "value": 100}},
        {"key": "some", "where": {"sample": {"percent": 10, "salt": "a"}}},
    ],
}


def program(name: str) -> Program:
    """The definitions of a golden file, compiled."""
    return compile_library([parse(body) for body in DEFINITIONS[name]])


def shown(made: Program) -> str:
    """Its text; the fragments are only named."""
    text = made.select("people")
    for name in FRAGMENTS:
        text = text.replace(statement(name), name)
    return text + "\n"


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_text_is_the_golden_one(name: str) -> None:
    """Whoever changes what a definition compiles to sees it in SQL."""
    assert shown(program(name)) == (GOLDENS / f"{name}.sql").read_text(encoding="utf-8")


def test_what_several_definitions_ask_is_one_column() -> None:
    """The same condition under two names is looked up once, a value is one parameter."""
    same = [parse({"key": key, "where": ORDERED}) for key in ("one", "other")]
    made = compile_library(same).compiled
    assert (len(made.conditions), len(made.statement.facts.aggregates)) == (1, 1)


def test_only_what_is_asked_for_is_put_out_and_what_it_refers_to_is_known() -> None:
    """`only` is not more work than it needs."""
    library = [parse(body) for body in DEFINITIONS["references"]] + [parse(DEFINITIONS["sum"][0])]
    made = compile_library(library, only=[("segment", "good")])
    assert made.refs == (("segment", "good"),)
    assert set(made.compiled.says) == {("segment", "good"), ("tag", "value"), ("segment", "list")}
    assert (made.needs_facts, made.needs_orders, made.needs_assigned, made.needs_boundaries) == (
        True,
        False,
        True,
        False,
    )


def test_values_are_parameters() -> None:
    """No text of a definition is text of the statement, and borders are reckoned from the moment."""
    body = {
        "key": "k",
        "where": {**ORDERED, "where": [{"field": "data.it's", "op": "eq", "value": "'); DROP TABLE x"}]},
    }
    made = compile_library([parse(body)])
    parameters = made.parameters(AsOf(NOW), Terms("CNY"), None)
    assert "DROP" not in made.select("people")
    assert "it's" not in made.select("people")
    assert {"'); DROP TABLE x", "it's", "2026-01-30 12:00:00.000000"} <= {str(each) for each in parameters.values()}


def test_who_does_not_exist_has_nobody_in_it() -> None:
    """A segment or tag that was taken away does not break those that name it."""
    where = {"any": [{"segment": "gone"}, {"tag": "gone"}, {"metric": "lifecycle", "op": "exists"}]}
    made = compile_library([parse({"key": "k", "where": where})])
    assert not made.needs_facts
    assert "false" in made.select("people")


if __name__ == "__main__":
    for each in DEFINITIONS:
        (GOLDENS / f"{each}.sql").write_text(shown(program(each)), encoding="utf-8")
