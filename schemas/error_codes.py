"""The published list of error codes: every `code` an answer, a rejected event or a dead letter may carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

AppliesTo = Literal["event", "request", "query"]


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One way in which something is refused: its name, its HTTP status, what it means."""

    code: str
    status: int
    title: str
    meaning: str
    applies_to: AppliesTo


_EVENT = (
    ErrorCode("unreadable", 422, "Unreadable event", "The line or value is not one valid JSON text.", "event"),
    ErrorCode("invalid_encoding", 422, "Not UTF-8", "The event is not UTF-8; JSON is exchanged in UTF-8.", "event"),
    ErrorCode("too_deep", 422, "Nested too deeply", "Objects and lists are nested deeper than accepted.", "event"),
    ErrorCode("too_large", 422, "Event too large", "One event may have 32 KiB.", "event"),
    ErrorCode("missing_field", 422, "Field missing", "A required field is not there; `pointer` names it.", "event"),
    ErrorCode(
        "unknown_field",
        422,
        "Unknown field",
        "A field the event may not have outside data and context, or an unknown type of identifier.",
        "event",
    ),
    ErrorCode(
        "unknown_type",
        422,
        "Unknown event type",
        "`type` is neither in the catalogue nor custom.<name>.",
        "event",
    ),
    ErrorCode("invalid_type", 422, "Wrong JSON type", "A field holds another JSON type than it should.", "event"),
    ErrorCode("invalid_value", 422, "Invalid value", "A field holds a value outside what it may be.", "event"),
    ErrorCode("invalid_time", 422, "Invalid time", "A time is not RFC 3339 with an offset.", "event"),
    ErrorCode(
        "invalid_money",
        422,
        "Invalid amount",
        "An amount is not a decimal of at most 13 digits before and 4 after the point.",
        "event",
    ),
    ErrorCode("invalid_currency", 422, "Invalid currency", "A currency is not an ISO 4217 code.", "event"),
    ErrorCode(
        "time_out_of_range",
        422,
        "Time out of range",
        "occurred_at is more than 24 h ahead, or before 1970.",
        "event",
    ),
    ErrorCode(
        "no_identifier",
        422,
        "No identifier",
        "The event needs a customer, and none of its ids says who.",
        "event",
    ),
    ErrorCode(
        "unknown_source",
        422,
        "Unknown source",
        "The record's `source` header is absent or not declared.",
        "event",
    ),
    ErrorCode(
        "unknown_version",
        422,
        "Unknown version",
        "The record's `v` header is not a version ever spoken here.",
        "event",
    ),
    ErrorCode("bundle_too_large", 422, "Bundle too large", "One Kafka record may carry 100 events.", "event"),
    ErrorCode("type_not_allowed", 422, "Type not allowed", "The write key may not send events of this type.", "event"),
    ErrorCode("contract_violation", 422, "Contract broken", "The contract of its source blocks such events.", "event"),
    ErrorCode("contract_quarantine", 422, "Set aside", "It breaks its source's contract; mend and replay it.", "event"),
    ErrorCode(
        "id_conflict",
        409,
        "event_id already used",
        "This event_id came before with other content; the first in the log stands.",
        "event",
    ),
    ErrorCode(
        "processing_failed",
        500,
        "Processing failed",
        "The event passed every check, and still could not be recorded; it is kept and can be replayed.",
        "event",
    ),
)

_REQUEST = (
    ErrorCode(
        "unreadable_body",
        400,
        "Unreadable body",
        "The request's body is not JSON, NDJSON or gzip as declared.",
        "request",
    ),
    ErrorCode(
        "unreadable_file",
        400,
        "Unreadable file",
        "The file is not of its format, or has no columns as its mapping names them.",
        "request",
    ),
    ErrorCode("unauthorized", 401, "Unauthorized", "The key is missing or unknown.", "request"),
    ErrorCode("forbidden", 403, "Forbidden", "The key may not do this.", "request"),
    ErrorCode("origin_not_allowed", 403, "Origin not allowed", "Pages of this host may not post here.", "request"),
    ErrorCode("link_expired", 410, "Link expired", "The link was made here, but is not valid any more.", "request"),
    ErrorCode("invalid_form", 422, "Invalid form", "A field of the form is missing; `errors` names it.", "request"),
    ErrorCode(
        "method_not_allowed",
        405,
        "Method not allowed",
        "This address does not answer to this method.",
        "request",
    ),
    ErrorCode(
        "payload_too_large",
        413,
        "Payload too large",
        "One request may have 4 MiB, after inflation too.",
        "request",
    ),
    ErrorCode("too_many_events", 413, "Too many events", "One request may carry 5,000 events.", "request"),
    ErrorCode(
        "unsupported_encoding",
        415,
        "Unsupported encoding",
        "Bodies are JSON or NDJSON, plain or gzip.",
        "request",
    ),
    ErrorCode(
        "all_rejected",
        422,
        "All events rejected",
        "None of the request's events was accepted; `errors` says why of each.",
        "request",
    ),
    ErrorCode(
        "rate_limited",
        429,
        "Too many requests",
        "The key's rate is used up; try again after Retry-After.",
        "request",
    ),
    ErrorCode(
        "buffer_full",
        429,
        "Buffer full",
        "More is waiting for Kafka than may wait; try again after Retry-After.",
        "request",
    ),
    ErrorCode(
        "internal_error",
        500,
        "Internal error",
        "A fault of the platform; the log has it under request_id.",
        "request",
    ),
    ErrorCode(
        "kafka_unavailable",
        503,
        "Kafka unavailable",
        "Kafka does not answer; nothing counts as accepted.",
        "request",
    ),
    ErrorCode(
        "disk_nearly_full",
        503,
        "Disk nearly full",
        "The platform's disk has too little room left; nothing was taken. It takes events again when there is room.",
        "request",
    ),
    ErrorCode(
        "clickhouse_unavailable",
        503,
        "ClickHouse unavailable",
        "ClickHouse does not answer; try again.",
        "request",
    ),
)

_QUERY = (
    ErrorCode("bad_parameter", 400, "Bad parameter", "A parameter, address or position cannot be read.", "query"),
    ErrorCode("bad_cursor", 400, "Bad cursor", "The cursor is not one this list gave out.", "query"),
    ErrorCode("not_found", 404, "Not found", "There is nothing under this address (yet).", "query"),
    ErrorCode(
        "already_decided",
        409,
        "Already decided",
        "The suggestion was decided the other way, or withdrawn; a link or unlink can still be said for itself.",
        "query",
    ),
    ErrorCode(
        "no_common_source",
        409,
        "No common source",
        "The identifiers belong to different sources, or to an undeclared one; no event can name all of them.",
        "query",
    ),
    ErrorCode(
        "unsupported_media_type",
        415,
        "Unsupported media type",
        "Definitions are JSON or YAML, lists JSON or CSV; members are exported as CSV or Parquet.",
        "query",
    ),
    ErrorCode(
        "in_use",
        409,
        "In use",
        "Live definitions refer to it; `errors` names them.",
        "query",
    ),
    ErrorCode(
        "not_by_hand",
        409,
        "Not set by hand",
        "Only static segments have members, and only manual tags values, that are set by hand.",
        "query",
    ),
    ErrorCode(
        "precondition_failed",
        412,
        "Precondition failed",
        "If-Match or If-None-Match does not hold of the version in force.",
        "query",
    ),
    ErrorCode(
        "invalid_definition",
        422,
        "Invalid definition",
        "A segment or tag is refused; `pointer` says where.",
        "query",
    ),
    ErrorCode(
        "patch_failed",
        422,
        "Patch does not fit",
        "An operation of the JSON Patch cannot be applied to this event; `pointer` is the operation's path.",
        "query",
    ),
    ErrorCode(
        "not_old_enough",
        422,
        "Not old enough",
        "Dead letters younger than CDP_DEAD_LETTERS__RETENTION_DAYS are never purged.",
        "query",
    ),
    ErrorCode("invalid_contract", 422, "Invalid contract", "A contract is refused; `pointer` says where.", "query"),
    ErrorCode("too_many_keys", 409, "Too many keys", "20 write keys of a source can be used; disable one.", "query"),
    ErrorCode("set_in_settings", 409, "Set in the settings", "Change this write key in CDP_WRITE_KEYS.", "query"),
    ErrorCode(
        "invalid_list",
        422,
        "Invalid list",
        "None of the lines could be read; `errors` says why of each.",
        "query",
    ),
    ErrorCode(
        "not_ready",
        503,
        "Not ready",
        "The process cannot do its work yet; `dependencies` says what it lacks.",
        "query",
    ),
    ErrorCode(
        "not_yet",
        504,
        "Not yet",
        "Within the timeout not everything up to `after` has reached the answer.",
        "query",
    ),
)

CODES: Mapping[str, ErrorCode] = MappingProxyType({each.code: each for each in (*_EVENT, *_REQUEST, *_QUERY)})
