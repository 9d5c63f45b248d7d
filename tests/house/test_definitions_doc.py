"""What docs/definitions.md says of the language is so: every block is a definition, every figure is there."""

from __future__ import annotations

import re

import pytest

from schemas.builtin import builtin_definitions
from schemas.definitions import Definition, check_graph, read_yaml
from schemas.definitions.comparing import NODE_KEYS
from schemas.definitions.fields import ORDER_FIELDS
from schemas.definitions.metrics import METRICS
from schemas.definitions.operators import OPERATORS
from tests.house.repository import text

DOC = text("docs/definitions.md")
BLOCKS = re.findall(r"```yaml\n(.*?)```", DOC, re.DOTALL)
NAMED = set(re.findall(r"`([^`\n]+)`", DOC))


def key(block: str) -> str:
    return str(re.findall(r"key: (\w+)", block)[0])


def read(block: str) -> Definition:
    return read_yaml(block)


@pytest.mark.parametrize("block", BLOCKS, ids=key)
def test_every_block_is_a_definition(block: str) -> None:
    """Read as `cdp apply` reads it."""
    assert read(block).key == key(block)


def test_they_are_sound_together() -> None:
    """What they refer to is built in, or another block."""
    assert check_graph([*builtin_definitions(), *map(read, BLOCKS)]) == []


def test_every_figure_is_listed() -> None:
    """And none that does not exist."""
    listed = set(re.findall(r"`([^`]+)`", DOC.partition("## Figures")[2].partition("`*` stands")[0]))
    assert listed == set(METRICS)


def test_every_node_operator_order_field_and_built_in_tag_is_named() -> None:
    """By its name, in code."""
    words = set(re.findall(r"[a-z_]+", " ".join(NAMED)))
    built_in = {each.key for each in builtin_definitions()}
    assert {*NODE_KEYS, *OPERATORS, *ORDER_FIELDS, *built_in} - words == set()
