"""Forms of web pages: anybody may post, to the forms that are defined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson

from ingest.channels.channel import Answer, Call, Item, Path
from ingest.channels.forms.fields import fields_of
from ingest.channels.forms.mapping import SUBMISSION, native_event
from ingest.channels.pages import page
from ingest.channels.values import blank, text
from ingest.receipt import Receipt
from schemas.errors import CdpError, NotFound, RequestError, problem
from schemas.forms import FormDefinition
from schemas.http.description import problem_answers
from schemas.sources import SOURCE_PATTERN, Source
from schemas.times import format_time

ADDRESS = "/v1/forms/{form}"
_LONGEST_ID = 100
_FORM = {"name": "form", "in": "path", "required": True, "schema": {"type": "string", "pattern": SOURCE_PATTERN}}
_PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Forms:
    """All forms, by their key, and the sources they write for."""

    forms: Mapping[str, FormDefinition]
    sources: Mapping[str, Source]

    name = "form"
    browsers = False
    paths: ClassVar[Sequence[Path]] = (
        Path(
            "POST",
            ADDRESS,
            "form",
            "Take a post of a web form: urlencoded, multipart without files, or JSON.",
            parameters=(_FORM,),
            media=("application/json", "application/x-www-form-urlencoded", "multipart/form-data"),
        ),
    )
    pointers: ClassVar[Sequence[tuple[str, str]]] = ()
    answers: ClassVar[Mapping[int | str, dict[str, Any]]] = {
        200: {
            "description": "Kafka has acknowledged it.",
            "content": {"application/json": {"schema": {"type": "object"}}, "text/html": {}},
        },
        303: {"description": "The same, for browsers of a form with a redirect."},
        **problem_answers("not_found", "origin_not_allowed", "invalid_form", "all_rejected"),
    }

    def key(self, call: Call) -> Source:
        """The source of the form. Raises NotFound."""
        return self.sources[self._form(call).source]

    def translate(self, call: Call, source: Source) -> Iterable[Item]:  # noqa: ARG002 -- the form's
        """One item: the post. None where a robot filled in what nobody sees. Raises RequestError."""
        form = self._form(call)
        if not may_post(form, call.headers.get("origin")):
            raise RequestError("origin_not_allowed", "Pages of this host may not post to this form.")
        fields = fields_of(call.body, call.headers.get("content-type", ""))
        if form.honeypot and not blank(fields.get(form.honeypot)):
            return []
        said = text(fields.get(SUBMISSION))
        submission = said if isinstance(said, str) and 0 < len(said) <= _LONGEST_ID else call.new_id()
        return [Item(call.body, [native_event(form, fields, submission, format_time(call.received_at))])]

    def answer(self, call: Call, outcome: Receipt | CdpError) -> Answer | None:
        """Thanks, as a page for who has sent a form with a browser; refused, as a problem."""
        if not isinstance(outcome, Receipt):
            return None
        if outcome.refused:
            return _refused(call, outcome)
        if "text/html" not in call.headers.get("accept", ""):
            return Answer(200, b'{"accepted": true}')
        redirect = self._form(call).redirect
        if redirect:
            return Answer(303, b"", "text/plain", {"Location": redirect})
        return page(200, "thanks")

    def _form(self, call: Call) -> FormDefinition:
        form = self.forms.get(call.path.get("form", ""))
        if form is None or form.source not in self.sources:
            raise NotFound("There is no form of this name.")
        return form


def origins(channels: Iterable[object]) -> Callable[[str, str], bool]:
    """Which paths of forms pages of which hosts may call."""
    known = {key: form for channel in channels if isinstance(channel, Forms) for key, form in channel.forms.items()}

    def may(path: str, origin: str) -> bool:
        return may_post(known.get(path.rpartition("/")[2]), origin)

    return may


def may_post(form: FormDefinition | None, origin: str | None) -> bool:
    """Whether pages of this host may post; who is no browser says no origin."""
    return form is None or origin is None or not form.origins or origin in form.origins


def _refused(call: Call, receipt: Receipt) -> Answer:
    """What the door says is said to who is there to mend it."""
    why = receipt.refused[0].why
    said = {"code": why.code, "pointer": why.pointer, "message": why.message}
    body = problem("all_rejected", detail=why.message, instance=f"/v1/forms/{call.path['form']}", errors=[said])
    return Answer(body["status"], orjson.dumps(body), _PROBLEM)
