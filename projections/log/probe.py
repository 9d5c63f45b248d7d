"""Kafka as something a process depends on: it has the topics, and each partition a leader."""

from __future__ import annotations

from collections.abc import Sequence

from projections.log.admin import LogAdmin
from schemas.health import Dependency


def kafka_dependency(admin: LogAdmin, topics: Sequence[str], *, required: bool = True) -> Dependency:
    """What `/readyz` says of Kafka."""
    return Dependency("kafka", lambda: admin.complaint(topics), "kafka_unavailable", required)
