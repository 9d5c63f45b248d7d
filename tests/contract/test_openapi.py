"""Both OpenAPI documents hold: whatever a client makes of them, the answers are those they name."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.history import HISTORY
from tests.stack.platforms import Platform

pytestmark = pytest.mark.platform

CHECKS = [status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance]
_KEYS = {"ingest": "pos", "api": "all"}
# Per route, and kind of request: as documented, and deliberately not.
_few = settings(max_examples=5, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def documents(platform: Platform) -> dict[str, schemathesis.BaseSchema]:
    """What both say of themselves, of a platform that knows somebody."""
    platform.ask("/v1/rfm", after=platform.send(*HISTORY))
    urls = {"ingest": platform.ingest_url, "api": platform.api_url}
    return {name: schemathesis.openapi.from_url(f"{url}/openapi.json") for name, url in urls.items()}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize("app", ["ingest", "api"])
def test_answers_are_those_the_document_names(
    documents: dict[str, schemathesis.BaseSchema], app: str, mode: GenerationMode
) -> None:
    """Status, media type, headers and schema are documented for any request; a fault of ours (500) never comes."""
    found = list(documents[app].get_all_operations())
    operations = [each.ok() for each in found if isinstance(each, Ok)]
    assert len(operations) == len(found) > 0
    for operation in operations:
        if mode is GenerationMode.POSITIVE or can_be_wrong(operation):
            probe(operation, mode, _KEYS[app])


def can_be_wrong(operation: schemathesis.APIOperation[Any, Any, Any, Any]) -> bool:
    """Whether there is anything in a request that could be other than documented."""
    return bool(operation.body or operation.query or operation.path_parameters)


def probe(operation: schemathesis.APIOperation[Any, Any, Any, Any], mode: GenerationMode, key: str) -> None:
    """Send what hypothesis makes of one route."""

    @_few
    @given(operation.as_strategy(generation_mode=mode))
    def validate(case: schemathesis.Case[Any]) -> None:
        if "timeout" in (case.query or {}):
            case.query["timeout"] = "0"  # or it waits for positions that never come
        response = case.call(headers={"Authorization": f"Bearer {key}"})
        assert response.status_code not in {500, 502}, response.text
        case.validate_response(response, checks=CHECKS)

    validate()
