"""What holds of a customer, as a dossier shows it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def held(found: Mapping[str, Any]) -> dict[str, Any]:
    """`tags`, `segments` and `lifecycle`, from what holds by ref."""
    tags = {ref.removeprefix("tag:"): value for ref, value in sorted(found.items()) if ref.startswith("tag:")}
    segments = [ref.removeprefix("segment:") for ref in sorted(found) if ref.startswith("segment:")]
    return {"lifecycle": tags.get("lifecycle"), "tags": tags, "segments": segments}
