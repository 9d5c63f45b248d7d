"""Who is one person, why, and why others are not; joining and parting by hand; the rules."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api import identity_view
from api.addresses import segment
from api.parameters import After, Asked, AskedMoment, Cursor, Limit, from_micros, read_cursor, write_cursor
from api.relinking import Said, Word, parted
from api.services import Platform, Services, requires
from projections.controls import last_said
from projections.identity import explaining
from projections.identity.rules import rules_at
from projections.moments import AsOf
from projections.resolution import person_of
from schemas.control import Control
from schemas.errors import NotFound, RequestError
from schemas.http.description import problem_answers
from schemas.identity import DEFAULT_RULES, IdentityRules, Refusal
from schemas.positions import encode
from schemas.times import format_time

MOST_EDGES = 1_000
_ALWAYS = ("bad_parameter", "unauthorized", "forbidden", "not_yet", "clickhouse_unavailable", "internal_error")
_WRITES = problem_answers(
    *_ALWAYS, "not_found", "no_common_source", "invalid_value", "no_identifier", "kafka_unavailable"
)

router = APIRouter(prefix="/v1", tags=["identity"], responses=problem_answers(*_ALWAYS, "not_found"))
_Reads, _Operates = requires("profiles"), requires("operations")
Address = Annotated[str, Field(min_length=1, max_length=500, description="type:value, such as member_id:M42")]
Reason = Annotated[str | None, Field(max_length=500, description="why, for whoever looks later")]


class Together(BaseModel):
    """Identifiers that are, or are not, one person's."""

    model_config = ConfigDict(extra="forbid")

    identifiers: Annotated[list[Address], Field(min_length=2, max_length=20)]
    reason: Reason = None


class Apart(BaseModel):
    """Identifiers of one person that go their own way, together."""

    model_config = ConfigDict(extra="forbid")

    identifiers: Annotated[list[Address], Field(min_length=1, max_length=100)]
    reason: Reason = None


class Written(BaseModel):
    """What was said, as events. It holds as soon as they have arrived."""

    event_ids: list[str]
    position: str = Field(description="opaque; give it to a query as ?after= to wait for the effect")


@router.get("/profiles/{address}/identity", dependencies=[_Reads])
async def identity(address: str, platform: Platform, asked: AskedMoment, after: After) -> dict[str, Any]:
    """The graph: every tie of a person's identifiers with its events, and those that were refused, by which rule."""
    await platform.arrived(after)
    return await platform.fresh(await asyncio.to_thread(_graph, platform, segment(address), asked))


def _graph(platform: Services, address: str, asked: Asked) -> dict[str, Any]:
    subject = platform.book.subject(address)
    found = explaining.explain(platform.database, subject, asked.moment, MOST_EDGES)
    person = person_of(platform.database, subject, asked.moment)
    if person is None and not found.edges:
        raise NotFound("Nothing is known of this identifier (yet).")
    return identity_view.graph(found, person or "", platform.book.identifier)


@router.get("/identity/refusals", dependencies=[_Operates])
async def refusals(
    platform: Platform,
    after: After,
    limit: Limit,
    cursor: Cursor = None,
    rule: Annotated[str, Query(description=f"only by this rule: {', '.join(get_args(Refusal))}")] = "",
    address: Annotated[str, Query(description="only those of this identifier")] = "",
) -> dict[str, Any]:
    """Pairs that were seen together and are not joined for it, the latest first."""
    if rule and rule not in get_args(Refusal):
        raise RequestError("bad_parameter", f"rule is one of {', '.join(get_args(Refusal))}.", "/query/rule")
    identifier = platform.book.identifier(address).address if address else ""
    before = _before(cursor)
    await platform.arrived(after)
    rows = await asyncio.to_thread(explaining.refusals, platform.database, rule, identifier, before, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    cursor = write_cursor((last["occurred_at"], last["event_id"], last["node"], last["other"])) if last else None
    return await platform.fresh({"data": [identity_view.refusal(row) for row in rows[:limit]], "next_cursor": cursor})


def _before(cursor: str | None) -> tuple[str, str, str, str]:
    if cursor is None:
        return ("2299-12-31 00:00:00", "", "", "")
    micros, *rest = read_cursor(cursor, tuple[int, str, str, str])
    return (from_micros(micros).strftime("%Y-%m-%d %H:%M:%S.%f"), rest[0], rest[1], rest[2])


@router.get("/identity/shared", dependencies=[_Operates])
async def shared(platform: Platform, after: After, limit: Limit, cursor: Cursor = None) -> dict[str, Any]:
    """Phones, cards, devices and e-mails that join nobody since too many people were seen with them."""
    start = "" if cursor is None else str(read_cursor(cursor, tuple[str])[0])
    await platform.arrived(after)
    rows = await asyncio.to_thread(_shared, platform, start, limit + 1)
    next_cursor = write_cursor((rows[limit - 1]["node"],)) if len(rows) > limit else None
    data = [identity_view.shared(row) for row in rows[:limit]]
    return await platform.fresh({"data": data, "next_cursor": next_cursor})


def _shared(platform: Services, after: str, limit: int) -> list[Any]:
    rules = rules_at(platform.database, AsOf(datetime.now(UTC)))
    return explaining.shared(platform.database, rules, after, limit)


@router.get("/identity/rules", dependencies=[_Operates])
async def rules(platform: Platform, asked: AskedMoment, after: After) -> dict[str, Any]:
    """The rules in force, now or (by=received_at) as they were then. Version 0: the built-in ones."""
    await platform.arrived(after)
    said = await asyncio.to_thread(last_said, platform.database, "identity_rules", asked.moment)
    if said is None:
        return {"version": 0, "author": None, "since": None, "rules": DEFAULT_RULES.model_dump()}
    since = format_time(said.received_at)
    return {"version": said.version, "author": said.control.author, "since": since, "rules": said.control.value}


@router.put("/identity/rules", status_code=202, responses=_WRITES)
async def change_rules(said: IdentityRules, platform: Platform, author: Annotated[str, _Operates]) -> dict[str, Any]:
    """Put new rules in force: everybody is weighed anew. What is left out is as built in."""
    control = Control(kind="identity_rules", value=said.model_dump(mode="json"), author=author)
    version, position = await asyncio.to_thread(platform.controls.publish, control)
    return {"version": version, "position": encode(position)}


@router.post("/identity:link", status_code=202, responses=_WRITES, dependencies=[_Operates])
async def link(said: Together, platform: Platform) -> Written:
    """Say that these identifiers are one person's, whatever the limits. Writes customer.linked."""
    return await _say(platform, "customer.linked", [said.identifiers], said.reason)


@router.post("/identity:unlink", status_code=202, responses=_WRITES, dependencies=[_Operates])
async def unlink(said: Together, platform: Platform) -> Written:
    """Say that no two of these are one person's for having been seen together. Writes customer.unlinked."""
    return await _say(platform, "customer.unlinked", [said.identifiers], said.reason)


@router.post("/profiles/{address}/identity:split", status_code=202, responses=_WRITES, dependencies=[_Operates])
async def split(address: str, said: Apart, platform: Platform) -> Written:
    """Part some identifiers (one: unbind it) from the rest of their person: unlinks every tie between the two sides."""
    pairs = await asyncio.to_thread(_pairs, platform, segment(address), said.identifiers)
    return await _say(platform, "customer.unlinked", pairs, said.reason)


def _pairs(platform: Services, address: str, apart: list[str]) -> list[list[str]]:
    moment = AsOf(datetime.now(UTC), kept=True)
    found = explaining.explain(platform.database, platform.book.subject(address), moment, 100_000)
    return [list(pair) for pair in parted(found, [platform.book.identifier(each).address for each in apart])]


async def _say(platform: Services, word: Word, groups: list[list[str]], reason: str | None) -> Written:
    said: Said = await asyncio.to_thread(platform.relinker.say, word, groups, reason)
    return Written(event_ids=said.event_ids, position=encode(said.position))
