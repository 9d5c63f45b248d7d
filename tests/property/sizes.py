"""How many histories a law is tried on."""

from __future__ import annotations

import hypothesis
from hypothesis import HealthCheck
from hypothesis import strategies as st

chances = st.randoms(use_true_random=False)


def examples(count: int) -> hypothesis.settings:
    """So many, or as many as the profile asks for beyond its default. One database serves all, emptied between them."""
    chosen = hypothesis.settings()
    return hypothesis.settings(
        max_examples=count if chosen.max_examples == 100 else chosen.max_examples,
        suppress_health_check=list(HealthCheck),
    )
