"""What a definition would say, before it is in force: previews, plans of several, and sets of segments together."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query, Request

from api.checking import check
from api.definition_bodies import DOCUMENTED, read_definition
from api.identified import identified
from api.kinds import Both, Kind
from api.parameters import After
from api.planning import PlanBody, plan
from api.services import Platform, Services, requires
from api.tallies import by_text
from projections.evaluating import Asked
from projections.moments import AsOf
from projections.previewing import preview as look_at
from schemas.definitions import Definition, InvalidDefinition, cost
from schemas.http.description import problem_answers

PROBLEMS = problem_answers(
    "bad_parameter", "unauthorized", "forbidden", "not_yet", "payload_too_large", "unsupported_media_type",
    "invalid_definition", "clickhouse_unavailable", "internal_error",
)  # fmt: skip
router = Both(prefix="/v1", tags=["definitions"], dependencies=[requires("segments")], responses=PROBLEMS)
_SAMPLE = 10


@router.both("POST", ":preview", openapi_extra=DOCUMENTED)
async def preview(
    kind: Kind,
    request: Request,
    platform: Platform,
    after: After,
    exact: Annotated[bool, Query(description="count everybody, however long it takes")] = False,  # noqa: FBT002 -- a query parameter
) -> dict[str, Any]:
    """How many an unsaved definition would find, some of them, and what else holds of them.

    Where facts have to be read and customers are many, `size` is an estimate: 95 of 100 times within `margin`.
    """
    definition = await read_definition(request, kind)
    await platform.arrived(after)
    return await platform.fresh(await asyncio.to_thread(_preview, platform, definition, exact=exact))


def _preview(platform: Services, definition: Definition, *, exact: bool) -> dict[str, Any]:
    view = platform.in_force.view()
    if refusals := check([definition], view.library):
        raise InvalidDefinition(refusals)
    asked = Asked(AsOf(datetime.now(UTC), kept=True), platform.terms, view.boundaries)
    found = look_at(platform.database, definition, view.library, asked, sample=_SAMPLE, exact=exact)
    return {
        "size": found.size,
        "exact": found.margin is None,
        "margin": found.margin,
        "values": by_text(found.values),
        "sample": identified(platform, found.sample, asked.moment),
        "breakdown": {tag: by_text(values) for tag, values in sorted(found.breakdown.items())},
        "looked_at": found.looked_at,
        "cost": cost(definition),
    }


@router.post("/definitions:plan")
async def planned(said: PlanBody, platform: Platform, after: After) -> dict[str, Any]:
    """What would become of customers if these definitions were put: nothing is changed."""
    await platform.arrived(after)
    return await platform.fresh(await asyncio.to_thread(plan, platform, said))
