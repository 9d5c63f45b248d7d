"""If-Match and If-None-Match: which version of a definition must be in force for a change to be made. Pure."""

from __future__ import annotations

import re

from projections.library import Entry
from schemas.errors import RequestError

NONE = -1
"""What a control record expects where nothing may be in force."""
_TAG = re.compile(r'\s*(?:(\*)|(W/)?"([^"]*)")\s*(?:,|\Z)')


def etag(entry: Entry) -> str:
    """A strong entity tag: of two versions, and of two built-in definitions of one key, the tags differ."""
    return f'"{entry.version}-{entry.definition.content_hash[:16]}"'


def expected(entry: Entry | None, if_match: str | None, if_none_match: str | None) -> int | None:
    """The version that must be in force; None: any. Raises RequestError `precondition_failed`, `bad_parameter`.

    Tags are compared strongly (RFC 9110, 13.1): a weak one matches nothing here.
    """
    if if_none_match is not None and _matches(entry, if_none_match):
        raise RequestError("precondition_failed", "There is such a version already, which If-None-Match excludes.")
    if if_match is not None:
        if entry is None:
            raise RequestError("precondition_failed", "There is none with this key, and If-Match asks for one.")
        if not _matches(entry, if_match):
            raise RequestError("precondition_failed", f"The version in force has the ETag {etag(entry)}.")
        return entry.version
    if if_none_match is not None:
        return entry.version if entry else NONE
    return None


def _matches(entry: Entry | None, said: str) -> bool:
    tags = _read(said)
    return entry is not None and ("*" in tags or etag(entry) in tags)


def _read(said: str) -> list[str]:
    tags, place = [], 0
    while place < len(said):
        found = _TAG.match(said, place)
        if found is None:
            raise RequestError("bad_parameter", 'If-Match and If-None-Match are * or entity tags in quotes ("3-…").')
        star, weak, text = found.groups()
        tags.append(star or f'{weak or ""}"{text}"')
        place = found.end()
    return tags
