"""The settings that browsers' client libraries ask for before they send: they lead them back here, to no other host."""

from __future__ import annotations

from typing import Any, Literal

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from ingest.keys import KeyRing, presented_key
from schemas.errors import RequestError
from schemas.http.description import problem_answers
from schemas.sources import Source

SDK_SETTINGS_PATHS = ("/v1/projects/{key}/settings", "/sourceConfig/", "/sourceConfig")
_QUIET = {"errors": {"enabled": False}, "metrics": {"enabled": False}}
_ERRORS = problem_answers("unauthorized", "internal_error", "kafka_unavailable")
_TEXT = {"type": "string", "pattern": "^[A-Za-z0-9._~-]+$"}
_KEY = {
    "name": "writeKey",
    "in": "query",
    "schema": _TEXT,
    "description": "unless it is Basic's user",
}
_KEY_IN_PATH = {
    "name": "key",
    "in": "path",
    "required": True,
    "schema": _TEXT,
    "description": "write key",
}


class SegmentSettings(BaseModel):
    """What @segment/analytics-next loads; `integrations["Segment.io"]` names this host."""

    model_config = ConfigDict(populate_by_name=True, extra="allow")

    integrations: dict[str, dict[str, Any]]
    plan: dict[str, Any] = Field(description="no tracking plan: everything may be sent")
    metrics: dict[str, float] = Field(description="the library's own telemetry: none")


class RudderSettings(BaseModel):
    """What RudderStack's browser library loads; no destination but this host."""

    source: dict[str, Any]
    updatedAt: Literal["1970-01-01T00:00:00Z"] = "1970-01-01T00:00:00Z"  # noqa: N815 -- as the library reads it


def sdk_settings_routes(keys: KeyRing) -> APIRouter:
    """Build the routes that browsers' libraries configure themselves from."""
    router = APIRouter(tags=["channels"])

    @router.get(
        "/v1/projects/{key}/settings",  # noqa: FAST003 -- a parameter would document a 422 that never comes
        response_model=SegmentSettings,
        responses=_ERRORS,
        openapi_extra={"parameters": [_KEY_IN_PATH]},
    )
    async def segment_settings(request: Request) -> Response:
        """Settings of Segment's browser library: send to this host, load nothing else."""
        key = request.path_params["key"]
        keys.known(key.encode())
        return _json(_segment(key, request))

    async def source_config(request: Request) -> Response:
        """Settings of RudderStack's browser library: this source, and no destinations."""
        presented = presented_key(request.headers.get("authorization"))
        presented = presented or request.query_params.get("writeKey", "").encode()
        if not presented:
            raise RequestError("unauthorized", "Send a write key: as Basic user, or as ?writeKey=.")
        return _json(_rudder(keys.known(presented).source))

    router.add_api_route(
        "/sourceConfig/",
        source_config,
        response_model=RudderSettings,
        responses=_ERRORS,
        openapi_extra={"parameters": [_KEY]},
    )
    router.add_api_route("/sourceConfig", source_config, include_in_schema=False)
    return router


def _json(settings: BaseModel) -> Response:
    body = orjson.dumps(settings.model_dump(by_alias=True))
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


def _segment(key: str, request: Request) -> SegmentSettings:
    here = {"apiKey": key, "apiHost": f"{request.url.netloc}/v1", "protocol": request.url.scheme}
    everything = {"__default": {"enabled": True, "integrations": {}}}
    return SegmentSettings(
        integrations={"Segment.io": {**here, "unbundledIntegrations": [], "maybeBundledConfigIds": {}}},
        plan=dict.fromkeys(("track", "identify", "group"), everything),
        metrics={"sampleRate": 0},
    )


def _rudder(source: Source) -> RudderSettings:
    return RudderSettings(
        source={
            "id": source.name,
            "name": source.name,
            "enabled": True,
            "workspaceId": "cdp",
            "config": {"statsCollection": _QUIET},
            "destinations": [],
            "connections": [],
            "dataplanes": {},
        }
    )
