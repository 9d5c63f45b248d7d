"""Why somebody is in a segment or not, or has a value of a tag."""

from __future__ import annotations

from typing import Any

import orjson

from api.asking import library_of, terms_of
from api.figures import time
from api.kinds import entry_of
from api.parameters import Asked
from api.services import Services
from projections.evaluating import evaluate_some
from schemas.definitions import DefinitionKind
from schemas.errors import NotFound


def explained(platform: Services, of: tuple[DefinitionKind, str], address: str, asked: Asked) -> dict[str, Any]:
    """Whether, by what, and until when. Raises NotFound for an unknown definition, and for nobody."""
    library = library_of(platform, asked)
    entry = entry_of(library, *of)
    program = platform.in_force.program(library, frozenset({entry.ref}))
    subject = platform.book.subject(address)
    found = evaluate_some(platform.database, program, [subject], terms_of(platform, program, asked))
    if not found:
        raise NotFound("Nothing is known of this customer (yet).")
    [person] = found
    value = next((orjson.loads(value) for ref, value in person.pairs if ref == entry.ref), None)
    return {
        "person_id": person.person_id,
        "member": value is not None,
        "value": value,
        "definition_version": entry.version,
        "tree": None,
        "flips_at": time(person.flips_at),
    }
