"""How large a definition may be. Every limit keeps one definition from costing more than its author can mean."""

from __future__ import annotations

from datetime import timedelta

MAX_BODY_BYTES = 256 * 1024
MAX_NESTING = 12
"""Nodes within nodes: a single condition nests once."""
MAX_NODES = 300
"""Nodes, filters and steps of sequences together."""
MAX_OBJECTS = 1_500
"""Of the JSON text: each of those with its windows and its measure."""
MAX_LIST = 1_000
MAX_TEXT = 1_000
MAX_NAME = 200
MAX_JSON_DEPTH = 48
"""Objects and lists of the JSON text, of which MAX_NESTING nodes need no more than 30."""
MAX_PATTERNS = 20
"""Values of `matches`: to compile one may take a tenth of a second."""
MAX_FILTERS = 50
MAX_TIERS = 50
MAX_PATH_PARTS = 8
MAX_DURATION = timedelta(days=3653)
"""Ten years with their leap days."""
MAX_UNITS = 366
STEPS = (2, 10)
MAX_COST = 2_000
MAX_REFUSALS = 20
"""More are not listed: who mends these sees the rest."""
