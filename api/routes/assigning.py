"""What is set by hand: members of static segments, values of manual tags, and frozen copies of segments."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from fastapi import Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.addresses import segment
from api.bodies import read_body
from api.freezing import Frozen, freeze
from api.kinds import Both, Key, Kind, entry_of
from api.lists import MOST_BYTES, MOST_LINES, Read, given, read_csv
from api.parameters import After, AskedMoment
from api.services import Platform, Services, requires
from projections.library import Entry
from schemas.control import Assignment
from schemas.definitions import DefinitionKind
from schemas.errors import RequestError
from schemas.http.description import problem_answers
from schemas.positions import encode

_ALWAYS = (
    "bad_parameter", "unauthorized", "forbidden", "not_found", "not_by_hand", "kafka_unavailable",
    "clickhouse_unavailable", "internal_error",
)  # fmt: skip
_LISTS = problem_answers(*_ALWAYS, "unreadable_body", "payload_too_large", "unsupported_media_type", "invalid_list")
router = Both(prefix="/v1", tags=["definitions"], responses=problem_answers(*_ALWAYS))
Author = Annotated[str, requires("segments")]


class Addresses(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to add to a static segment, and whom to take out."""

    add: list[str] = []
    remove: list[str] = []


class TagValue(BaseModel):
    """A value set by hand."""

    model_config = ConfigDict(extra="forbid")

    value: Annotated[str, Field(min_length=1, max_length=200)]
    until: Annotated[AwareDatetime | None, Field(description="it holds before this time only")] = None


_DOCUMENTED = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {"schema": {"type": "string"}, "example": "id,until\nmember_id:M42,\nphone:13800138000,\n"},
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        name: {"type": "array", "items": {"type": "string"}, "maxItems": MOST_LINES}
                        for name in ("add", "remove")
                    },
                    "additionalProperties": False,
                },
                "example": {"add": ["member_id:M42"], "remove": ["phone:+8613800138000"]},
            },
        },
    }
}


@router.both("POST", "/{key}/members", status_code=202, responses=_LISTS, openapi_extra=_DOCUMENTED)
async def members(kind: Kind, key: Key, request: Request, platform: Platform, author: Author) -> dict[str, Any]:
    """Take a list: of a static segment id (or type, value), until?; of a manual tag id, value, until?.

    Lines that cannot be read are told by their number, all others are taken. JSON: whom to add and whom to remove.
    """
    form, raw = await read_body(request, ("json", "csv"), MOST_BYTES)
    entry = await asyncio.to_thread(_by_hand, platform, kind, key)
    read = await asyncio.to_thread(_read, platform, form, raw, kind)
    if not read.entries:
        raise InvalidList(read)
    entries = list(read.entries.values())
    position = await asyncio.to_thread(platform.definitions.assign, entry.definition.ref, entries, author)
    return {
        "accepted": len(entries),
        "rejected": read.rejected,
        "errors": [each.member() for each in read.wrong],
        "position": encode(position),
    }


class InvalidList(RequestError):
    """No line of a list could be read; `refusals` says why of each."""

    def __init__(self, read: Read) -> None:
        message = f"None of {read.rejected} lines could be read." if read.rejected else "The list is empty."
        super().__init__("invalid_list", message)
        self.refusals = tuple(read.wrong)


def _by_hand(platform: Services, kind: DefinitionKind, key: str) -> Entry:
    """A static segment or manual tag. Raises NotFound, RequestError `not_by_hand`."""
    entry = entry_of(platform.in_force.library(), kind, key)
    definition = entry.definition
    if not (definition.static if definition.kind == "segment" else definition.manual):
        how = "static" if kind == "segment" else "manual"
        raise RequestError("not_by_hand", f"The {kind} {key} is computed; only a {how} one is set by hand.")
    return entry


def _read(platform: Services, form: str, raw: bytes, kind: DefinitionKind) -> Read:
    subject = platform.book.subject
    if form == "csv":
        return read_csv(raw, kind, subject)
    if kind == "tag":
        raise RequestError("unsupported_media_type", "Values of a tag are a CSV with the columns id, value and until.")
    try:
        said = msgspec.json.decode(raw, type=Addresses)
    except (msgspec.MsgspecError, ValueError) as wrong:
        raise RequestError("unreadable_body", f"The body is not {{add, remove}}: {wrong}.") from None
    if len(said.add) + len(said.remove) > MOST_LINES:
        raise RequestError("payload_too_large", f"A list may name {MOST_LINES:,} customers.")
    return given(said.add, said.remove, subject)


@router.each(("segment",), "DELETE", "/{key}/members/{address}", status_code=202)
async def remove(key: Key, address: str, platform: Platform, author: Author) -> dict[str, Any]:
    """Take one customer out of a static segment."""
    entry = await asyncio.to_thread(_by_hand, platform, "segment", key)
    return await _assign(platform, entry, segment(address), author, value=None)


@router.put("/profiles/{address}/tags/{key}", status_code=202)
async def set_tag(address: str, key: Key, said: TagValue, platform: Platform, author: Author) -> dict[str, Any]:
    """Give a customer a value of a manual tag. It stays with the identifier named, whoever that belongs to."""
    entry = await asyncio.to_thread(_by_hand, platform, "tag", key)
    return await _assign(platform, entry, segment(address), author, value=said.value, until=said.until)


@router.delete("/profiles/{address}/tags/{key}", status_code=202)
async def unset_tag(address: str, key: Key, platform: Platform, author: Author) -> dict[str, Any]:
    """Take it away again."""
    entry = await asyncio.to_thread(_by_hand, platform, "tag", key)
    return await _assign(platform, entry, segment(address), author, value=None)


async def _assign(
    platform: Services, entry: Entry, address: str, author: str, *, value: str | None, until: Any = None
) -> dict[str, Any]:
    subject = await asyncio.to_thread(platform.book.subject, address)
    given_now = [Assignment(id=subject, value=value, until=until)]
    position = await asyncio.to_thread(platform.definitions.assign, entry.definition.ref, given_now, author)
    return {"position": encode(position)}


_FREEZES = problem_answers(*_ALWAYS, "precondition_failed", "invalid_definition", "bad_parameter", "not_yet")


@router.each(("segment",), "POST", "/{key}:freeze", status_code=201, responses=_FREEZES)
async def frozen(  # noqa: PLR0913, PLR0917 -- one argument a parameter
    key: Key, said: Frozen, platform: Platform, author: Author, asked: AskedMoment, after: After, response: Response
) -> dict[str, Any]:
    """Copy who is in a segment now, or was at a moment, into a new static one, as for measuring a campaign."""
    await platform.arrived(after)
    found = await freeze(platform, key, said, author, asked)
    response.headers["ETag"] = found["etag"]
    return await platform.fresh(found)
