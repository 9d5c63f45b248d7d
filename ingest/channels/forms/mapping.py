"""From a form's fields to the native event its definition says."""

from __future__ import annotations

from decimal import Decimal

from ingest.channels.channel import Native
from ingest.channels.values import Json, Object, blank, number
from schemas.errors import RequestError
from schemas.forms import FormDefinition

SUBMISSION = "_id"
"""A field by which a post that is sent twice is known; it may stay away."""
_NUMBERS = {"score", "stars"}


def native_event(form: FormDefinition, fields: Object, submission: str, received_at: str) -> Native:
    """What a post means. Raises RequestError `invalid_form` where a field is missing."""
    missing = [name for name in form.required if blank(fields.get(name))]
    if missing:
        raise RequestError("invalid_form", f"{missing[0]} is missing.", f"/{missing[0]}")
    data = _data(form, fields)
    if form.type == "survey.answered":
        data.setdefault("survey", form.key)
        data.setdefault("answers", {})
    if form.type == "ticket.opened":
        data.setdefault("ticket_id", f"{form.key}-{submission}")
    if form.type == "customer.identified":
        data.setdefault("traits", {})
    return {
        "event_id": f"form:{form.key}:{submission}",
        "type": form.type,
        "occurred_at": received_at,
        "time_derived": True,
        "ids": {kind: fields[name] for kind, name in form.ids.items() if not blank(fields.get(name))},
        "channel": "form",
        "data": data,
        "context": {"form": form.key},
    }


def _data(form: FormDefinition, fields: Object) -> Object:
    data: Object = {}
    for place, value in form.constants.items():
        _put(data, place, value)
    for place, name in form.data.items():
        if not blank(fields.get(name)):
            _put(data, place, _value(place, fields[name]))
    if form.rest:
        left = {name: fields[name] for name in fields.keys() - form.named - {SUBMISSION} if not blank(fields[name])}
        _put(data, form.rest, {**_got(data, form.rest), **left})
    return data


def _value(place: str, value: Json) -> Json:
    """Browsers send text: a score is its number."""
    if place not in _NUMBERS:
        return value
    found = number(value)
    if isinstance(found, Decimal) and found == found.to_integral_value():
        return int(found)
    return value if found is None else found


def _put(data: Object, place: str, value: Json) -> None:
    *path, last = place.split(".")
    for step in path:
        data = data.setdefault(step, {})
        if not isinstance(data, dict):
            return
    data[last] = value


def _got(data: Object, place: str) -> Object:
    found: Json = data
    for step in place.split("."):
        found = found.get(step, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}
