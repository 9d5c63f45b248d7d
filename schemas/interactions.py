"""Which events count as interactions: what a customer did of own accord (contract, "Counts")."""

from __future__ import annotations

_KINDS = ("product.", "custom.", "coupon.")
_TYPES = frozenset({
    "page.viewed", "screen.viewed", "search.performed", "checkout.started", "app.opened", "store.visited",
    "group.joined", "service.contacted", "message.opened", "message.clicked",
})  # fmt: skip


def is_interaction(event_type: str) -> bool:
    """Whether events of this type count. `projections/sql/interaction.sql` says the same; a test compares them."""
    return event_type in _TYPES or event_type.startswith(_KINDS)
