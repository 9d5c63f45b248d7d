"""What a message's context says a customer allows: Segment's categories, RudderStack's lists of ids."""

from __future__ import annotations

from ingest.channels.values import Object, blank
from schemas.errors import Rejected
from schemas.events.fields import MAX_KEY

_MOST = 100


def purposes(context: Object) -> list[tuple[str, bool]]:
    """Each purpose once, and whether it is granted; what is neither yes nor no is not said. Raises Rejected."""
    preferences = _object(_object(context.get("consent")).get("categoryPreferences"))
    said = {name: granted for name, granted in preferences.items() if isinstance(granted, bool)}
    managed = _object(context.get("consentManagement"))
    for member, granted in (("allowedConsentIds", True), ("deniedConsentIds", False)):
        ids = managed.get(member)
        said |= {each: granted for each in ids if isinstance(each, str)} if isinstance(ids, list) else {}
    found = [(name, granted) for name, granted in said.items() if not blank(name) and len(name) <= MAX_KEY]
    if len(found) > _MOST:
        raise Rejected("invalid_value", "/context", f"consent should speak of at most {_MOST} purposes.")
    return found


def _object(value: object) -> Object:
    return value if isinstance(value, dict) else {}
