"""What is said of a definition that is refused: where it is wrong, and a sentence that helps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from schemas.errors import RequestError
from schemas.pointers import Path, dotted, pointer

CODE = "invalid_definition"

Ref = tuple[str, str]
"""Kind ("segment" or "tag") and key of a definition."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong; `pointer` (RFC 6901) is relative to the body of the definition."""

    pointer: str
    message: str
    code: str = CODE
    of: Ref | None = None
    """Whose body, where several definitions were looked at together."""

    def member(self) -> dict[str, Any]:
        """As an entry of a problem's `errors`."""
        return {"code": self.code, "pointer": self.pointer, "message": self.message}


class InvalidDefinition(RequestError):
    """A definition is refused, for one reason or several; `message` and `pointer` are the first's."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(CODE, refusals[0].message, refusals[0].pointer)
        self.refusals = tuple(refusals)


def refusal(path: Path, predicate: str, of: Ref | None = None) -> Refusal:
    """Refuse what is at the path; the predicate says why: "should be …"."""
    steps = tuple(path)
    end = "" if predicate.endswith("?") else "."
    return Refusal(pointer(steps), f"{dotted(steps) or 'The definition'} {predicate}{end}", of=of)


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """End a sentence with the known name that is most alike; '' if none is."""
    close = get_close_matches(name[:80], list(known), n=1) if isinstance(name, str) else []
    return f"; did you mean `{close[0]}`?" if close else ""
