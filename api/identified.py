"""Persons as answers name them: person_id and identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.dossier import identifier
from api.services import Services
from projections.identity.people import people_of
from projections.moments import AsOf
from schemas.identifiers import by_priority


def identified(platform: Services, persons: Sequence[tuple[str, str]], moment: AsOf) -> list[dict[str, Any]]:
    """Each (root, person_id), with all its identifiers at the moment."""
    people = people_of(platform.database, [root for root, _ in persons], moment)
    return [
        {
            "person_id": person_id,
            "identifiers": [identifier(each) for each in by_priority(platform.book.identifiers(people.get(root, ())))],
        }
        for root, person_id in persons
    ]
