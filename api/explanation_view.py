"""Explanations as the API shows them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from api.figures import time
from api.flipping import Tree
from projections.compiler.explanation import Told
from projections.database import Row
from schemas.definitions import Definition, TagDefinition
from schemas.money import format_money
from schemas.times import format_time


def tree(definition: Definition, trees: Sequence[Tree], value: Any, flips: Sequence[datetime | None]) -> Tree:
    """One tree; of a tag with tiers each tier is a clause of it, the first that holds gives the value."""
    said = iter(flips)
    clauses = [_node(each, said) for each in trees]
    if not isinstance(definition, TagDefinition) or definition.tiers is None:
        return clauses[0]
    tiers = zip(definition.tiers, clauses, strict=True)
    return {
        "kind": "tiers",
        "path": "/tiers",
        "holds": value is not None,
        "value": value,
        "clauses": [_tier(place, tier.value, clause) for place, (tier, clause) in enumerate(tiers)],
    }


def with_money(told: Sequence[Told], trees: Sequence[Tree], currency: str) -> list[Tree]:
    """The trees with their amounts as every answer writes them."""
    return [_with_money(*both, currency) for both in zip(told, trees, strict=True)]


def _with_money(told: Told, said: Tree, currency: str) -> Tree:
    shown = dict(said)
    if told.typed is not None and told.typed.kind == "money" and said["value"] is not None:
        shown["value"] = format_money(Decimal(said["value"]), currency)
    if "clauses" in said:
        shown["clauses"] = with_money(told.clauses, said["clauses"], currency)
    return shown


def _tier(place: int, value: str, clause: Tree) -> Tree:
    path = f"/tiers/{place}"
    return {"kind": "tier", "path": path, "value": value, "holds": clause["holds"], "clauses": [clause]}


def _node(node: Tree, flips: Iterator[datetime | None]) -> Tree:
    shown = {name: said for name, said in node.items() if name not in {"edge", "clauses"}}
    shown["flips_at"] = time(next(flips))
    if "clauses" in node:
        shown["clauses"] = [_node(each, flips) for each in node["clauses"]]
    return shown


def by_hand(definition: Definition, value: Any, said: Sequence[Row]) -> Tree:
    """What a tag copies, or what was set by hand, by whom and until when, of which identifier."""
    if isinstance(definition, TagDefinition) and definition.value_of is not None:
        return {"kind": "value_of", "path": "/value_of", "holds": value is not None, "value": value}
    return {
        "kind": "by_hand",
        "path": "/static" if definition.kind == "segment" else "/manual",
        "holds": value is not None,
        "value": value,
        "assigned": [
            {
                "id": row["address"],
                "value": orjson.loads(row["value"]) if row["value"] else None,
                "until": time(row["until"]),
                "author": row["author"],
                "at": format_time(row["received_at"]),
                "version": row["version"],
            }
            for row in sorted(said, key=lambda row: -row["version"])
        ],
    }
