"""The contract in files: JSON Schemas of events, definitions, mappings; AsyncAPI (`python -m schemas.export`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from schemas.bundle import HEADER_SOURCE, HEADER_VERSION, MAX_BUNDLE_BYTES, MAX_BUNDLE_EVENTS
from schemas.contracts.model import contract_schema
from schemas.definitions import definition_schema
from schemas.door import MAX_EVENT_BYTES
from schemas.error_codes import CODES
from schemas.events import NATIVE_EVENT, Envelope
from schemas.events.catalogue import FAMILIES, Custom
from schemas.forms import form_schema
from schemas.mapping import mapping_schema
from schemas.settings import KafkaSettings
from schemas.sources import SOURCE_PATTERN
from schemas.topics import Topic, catalogue
from schemas.upcast import CURRENT_VERSION

FOLDER = Path(__file__).with_name("json")
EVENT_SCHEMA_FILE = "event.schema.json"
ASYNCAPI_FILE = "asyncapi.json"
DEFINITION_SCHEMA_FILE = "definition.schema.json"
MAPPING_SCHEMA_FILE = "mapping.schema.json"
FORM_SCHEMA_FILE = "form.schema.json"
CONTRACT_SCHEMA_FILE = "contract.schema.json"

_TIME = {"type": "string", "format": "date-time"}
_TEXT = {"type": "string"}
_EXAMPLE = {
    "event_id": "erp:1001:completed",
    "type": "order.completed",
    "occurred_at": "2026-01-01T08:00:00+08:00",
    "ids": {"phone": "+8613800138000"},
    "data": {
        "order_id": "1001",
        "currency": "CNY",
        "total": "268.00",
        "lines": [{"sku": "P-9", "quantity": 1, "amount": "268.00"}],
    },
}
_PLACE = {"type": ["integer", "null"], "minimum": 0}


def event_schema() -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of any native event, as a channel may send it."""
    schema = NATIVE_EVENT.json_schema(mode="validation")
    families: tuple[type[Envelope], ...] = (*FAMILIES, Custom)
    for family in families:
        model = schema["$defs"][family.__name__]
        schema["$defs"]["Ids"] = model["properties"]["ids"]
        model["properties"]["ids"] = {"$ref": "#/$defs/Ids"}
        if family.least_ids:
            model["required"].append("ids")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:cdp:event:v{CURRENT_VERSION}",
        "title": "Native event",
        "description": f"One event, at most {MAX_EVENT_BYTES} bytes of JSON.",
        **schema,
    }


def asyncapi() -> dict[str, Any]:
    """Give the AsyncAPI 3 document of the topics that channels write and marketing's tools read."""
    topics = catalogue()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Customer data platform",
            "version": f"{CURRENT_VERSION}.0.0",
            "description": "What may be written to and read from Kafka. The HTTP side is in /openapi.json.",
        },
        "defaultContentType": "application/json",
        "servers": {"platform": _server()},
        "channels": {
            "events": _channel(topics["events"], "event"),
            "changes": _channel(topics["changes"], "change"),
            "deadLetters": _channel(topics["dead_letters"], "deadLetter"),
            "rejects": _channel(topics["rejects"], "reject"),
        },
        "operations": {
            "receiveEvents": _operation("receive", "events", "Channels publish here, or through ingest."),
            "sendChanges": _operation("send", "changes", "Who entered and left a segment or tag."),
            "sendDeadLetters": _operation("send", "deadLetters", "Events that were refused, with the reason."),
            "sendRejects": _operation("send", "rejects", "Producers read here what became of their bad events."),
        },
        "components": {
            "messages": {"event": _event(), "change": _change(), "deadLetter": _dead_letter(), "reject": _reject()}
        },
    }


def documents() -> dict[str, bytes]:
    """Give the files by name, as they should be in the folder."""
    return {
        EVENT_SCHEMA_FILE: _written(event_schema()),
        ASYNCAPI_FILE: _written(asyncapi()),
        DEFINITION_SCHEMA_FILE: _written(definition_schema()),
        MAPPING_SCHEMA_FILE: _written(mapping_schema()),
        FORM_SCHEMA_FILE: _written(form_schema()),
        CONTRACT_SCHEMA_FILE: _written(contract_schema()),
    }


def _server() -> dict[str, Any]:
    port = KafkaSettings.model_fields["port"].default
    return {
        "host": f"127.0.0.1:{port}",
        "protocol": "kafka",
        "description": "The embedded broker, as `cdp up` starts it; CDP_KAFKA__BOOTSTRAP names a cluster instead.",
    }


def _channel(topic: Topic, message: str) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": f"Value: {topic.value}. Kept {topic.retention}.",
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        "bindings": {"kafka": {"partitions": topic.partitions, "bindingVersion": "0.5.0"}},
    }


def _operation(action: str, channel: str, summary: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}


def _message(title: str, key: str, payload: Mapping[str, Any], **more: object) -> dict[str, Any]:
    kafka = {"key": {"type": "string", "description": key}, "bindingVersion": "0.5.0"}
    return {"title": title, "payload": payload, "bindings": {"kafka": kafka}, **more}


def _event() -> dict[str, Any]:
    headers = {
        "type": "object",
        "required": [HEADER_SOURCE],
        "properties": {
            HEADER_SOURCE: {**_TEXT, "pattern": SOURCE_PATTERN, "description": "a declared source"},
            HEADER_VERSION: {**_TEXT, "default": str(CURRENT_VERSION), "description": "version of the event"},
        },
    }
    title = f"One event, or NDJSON of up to {MAX_BUNDLE_EVENTS}"
    rules = (
        f"At most {MAX_BUNDLE_EVENTS} events and {MAX_BUNDLE_BYTES} bytes a record, {MAX_EVENT_BYTES} bytes an event. "
        "Publish with acks=all. The same event_id again is the same event; what is refused becomes a dead letter."
    )
    example = {"name": "a purchase", "headers": {HEADER_SOURCE: "erp"}, "payload": _EXAMPLE}
    payload = {"$ref": f"./{EVENT_SCHEMA_FILE}"}
    return _message(title, catalogue()["events"].key, payload, headers=headers, description=rules, examples=[example])


def _change() -> dict[str, Any]:
    causes = ["event", "time", "identity", "definition", "population", "manual", "erasure"]
    properties = {
        "change_id": _TEXT,
        "person_id": _TEXT,
        "kind": {"enum": ["segment", "tag"]},
        "key": _TEXT,
        "from": {"description": "false or true for a segment, the value or null for a tag"},
        "to": {"description": "as from"},
        "at": _TIME,
        "cause": {"enum": causes},
        "cause_ref": {"type": ["string", "null"], "description": "for event: its event_id"},
        "definition_version": {"type": "integer"},
    }
    return _message("A change of membership", catalogue()["changes"].key, _object(properties))


def _dead_letter() -> dict[str, Any]:
    properties = {
        "event_id": {"type": ["string", "null"]},
        "code": {"enum": [code for code, known in CODES.items() if known.applies_to == "event"]},
        "pointer": {**_TEXT, "description": "JSON pointer into the event"},
        "message": _TEXT,
        "source": _TEXT,
        "origin": {"enum": ["ingest", "recorder"], "description": "who refused it"},
        "index": {"type": "integer", "minimum": 0, "description": "place in the request or record"},
        "topic": {
            "type": ["string", "null"],
            "description": "of the original record; null if refused at ingest",
        },
        "partition": _PLACE,
        "offset": _PLACE,
        "received_at": _TIME,
        "original": {**_TEXT, "description": "the event as it came"},
        "encoding": {"const": "base64", "description": "there if the original is not UTF-8"},
        "truncated": {"type": "boolean", "description": "whether original is only the beginning"},
        "version": {**_TEXT, "description": "the record's header v, unless it is of the current version"},
        "format": {**_TEXT, "description": "the channel in whose form original is; a native event's letter has none"},
    }
    optional = {"encoding", "truncated", "version", "format"}
    return _message("A refused event", catalogue()["dead_letters"].key, _object(properties, optional))


def _reject() -> dict[str, Any]:
    """As a dead letter, without the event; the same one may come again, and is known by its letter_id."""
    letter = _dead_letter()["payload"]["properties"]
    shared = ("source", "event_id", "code", "pointer", "message", "origin", "topic", "partition", "offset", "index",
              "received_at")  # fmt: skip
    properties = {
        "letter_id": {**_TEXT, "description": "of the dead letter"},
        **{name: letter[name] for name in shared},
    }
    return _message("Why an event was refused or set aside", catalogue()["rejects"].key, _object(properties))


def _object(properties: Mapping[str, Any], optional: frozenset[str] | set[str] = frozenset()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [p for p in properties if p not in optional],
    }


def _written(document: Mapping[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def main() -> None:
    """Write the documents; a test compares them with the code."""
    for name, content in documents().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
