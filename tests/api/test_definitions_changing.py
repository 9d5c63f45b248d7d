"""Changing definitions: under which conditions, beside which others, and what becomes of a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from api.checking import InUse, check, in_order, require_sound, require_unused
from api.defining import Conditions, DefinitionDesk
from api.preconditions import NONE, etag, expected
from projections.controls import Said
from projections.library import BUILT_IN, Entry, Library, taken
from schemas.control import Assignment, Control
from schemas.definitions import Definition, InvalidDefinition, parse
from schemas.errors import NotFound, RequestError
from schemas.positions import Position
from tests.ingest.fakes import NOW

RICH = {"where": {"metric": "orders.net_amount", "op": "gte", "value": 1000}}
ANY = {"where": {"metric": "orders.count", "op": "gte", "value": 1}}


def segment(key: str, body: dict[str, Any] | None = None, **more: Any) -> Definition:
    return parse({**(body or ANY), **more}, "segment", key)


def within(key: str, *others: str, **more: Any) -> Definition:
    """A segment that refers to others."""
    return parse({"where": {"all": [{"segment": each} for each in others]}, **more}, "segment", key)


def library(*definitions: Definition, version: int = 7) -> Library:
    entries = {f"{each.kind}:{each.key}": Entry(each, version, "ann", NOW) for each in definitions}
    return Library(version, entries)


@dataclass
class Governed:
    """Stands for the control topic and the governor: judges at once, unless it is `late`."""

    known: Library
    late: bool = False
    said: list[Control] = field(default_factory=list)
    outcomes: dict[int, str] = field(default_factory=dict)
    meanwhile: Definition | None = None
    """What somebody else says just before."""

    def publish(self, control: Control) -> tuple[int, Position]:
        if self.meanwhile is not None:
            other, self.meanwhile = self.meanwhile, None
            self.publish(Control(kind="segment", key=other.key, value=other.spelt(), author="other"))
        self.said.append(control)
        version = 10 + len(self.said)
        if not self.late:
            self.known, self.outcomes[version] = taken(self.known, Said(control, version, NOW))
        return version, {"control": {0: version - 1}}

    def publish_all(self, controls: Sequence[Control]) -> tuple[list[int], Position]:
        published = [self.publish(each) for each in controls]
        return [version for version, _ in published], published[-1][1]


def desk(control: Governed) -> DefinitionDesk:
    return DefinitionDesk(library=lambda: control.known, outcome=control.outcomes.get, writer=control, patience=0.0)


class TestConditions:
    """If-Match and If-None-Match, as RFC 9110 has them."""

    ENTRY = Entry(segment("s"), 3, "ann", NOW)

    @pytest.mark.parametrize("said", ["*", "{}", 'W/"x", {}', '"x" , {}'])
    def test_a_tag_that_matches_makes_its_version_the_one_expected(self, said: str) -> None:
        """Strong tags and the star match."""
        assert expected(self.ENTRY, said.format(etag(self.ENTRY)), None) == 3

    @pytest.mark.parametrize("said", ['"x"', "W/{}", '""'])
    def test_a_tag_of_another_version_is_refused(self, said: str) -> None:
        """Weak tags match nothing: there is nothing weak about a version."""
        with pytest.raises(RequestError) as refused:
            expected(self.ENTRY, said.format(etag(self.ENTRY)), None)
        assert (refused.value.code, refused.value.status) == ("precondition_failed", 412)

    def test_none_may_be_there_or_one_must(self) -> None:
        """`If-None-Match: *` creates only; If-Match asks for one that is there; without both anything goes."""
        assert expected(None, None, "*") == NONE
        assert expected(None, None, None) is None
        assert expected(self.ENTRY, None, None) is None
        for entry, if_match, if_none_match in ((self.ENTRY, None, "*"), (None, "*", None)):
            with pytest.raises(RequestError):
                expected(entry, if_match, if_none_match)

    @pytest.mark.parametrize("said", ["x", '"x', '"x" "y"'])
    def test_what_is_no_tag_is_a_bad_parameter(self, said: str) -> None:
        """Rather than a condition that never holds."""
        with pytest.raises(RequestError) as refused:
            expected(self.ENTRY, said, None)
        assert refused.value.code == "bad_parameter"

    def test_versions_and_built_in_definitions_differ_by_their_tags(self) -> None:
        """A built-in one that changed with the platform has another tag, though both have version 0."""
        other = Entry(segment("s", RICH), 3, "ann", NOW)
        built_in = Entry(segment("s"), 0, BUILT_IN, None)
        assert len({etag(each) for each in (self.ENTRY, other, built_in, replace(built_in, version=1))}) == 4


class TestChecking:
    """A definition beside those in force."""

    def test_what_does_not_exist_is_refused_with_its_pointer(self) -> None:
        """At the reference, relative to the body."""
        [refusal] = check([within("a", "b")], library())
        assert (refusal.pointer, refusal.of) == ("/where/all/0/segment", ("segment", "a"))

    def test_definitions_that_come_together_know_each_other(self) -> None:
        """In any order."""
        assert check([within("a", "b"), segment("b")], library()) == []

    def test_a_circle_through_what_is_in_force_is_refused(self) -> None:
        """Only the new one is told of it."""
        [refusal] = check([within("a", "b")], library(segment("a"), within("b", "a")))
        assert refusal.of == ("segment", "a")
        assert "circle" in refusal.message

    def test_what_is_live_refers_to_nothing_that_is_not(self) -> None:
        """A draft may; then it is computed for nobody."""
        known = library(segment("b", status="draft"))
        assert [each.pointer for each in check([within("a", "b")], known)] == ["/where/all/0/segment"]
        assert check([within("a", "b", status="draft")], known) == []

    def test_who_is_used_cannot_go(self) -> None:
        """Archiving, and putting back to draft, is as much a loss as deleting; an archived user is none."""
        known = library(segment("b"), within("a", "b"))
        with pytest.raises(InUse) as refused:
            require_unused(("segment", "b"), known)
        assert [each.member()["message"] for each in refused.value.refusals] == ["The segment a refers to it."]
        for status in ("draft", "archived"):
            with pytest.raises(InUse):
                require_sound(segment("b", status=status), known)
        require_unused(("segment", "b"), library(segment("b"), within("a", "b", status="archived")))

    def test_they_are_put_after_what_they_refer_to(self) -> None:
        """By key where nothing else decides."""
        given = [within("a", "d", "c"), segment("b"), within("c", "d"), segment("d")]
        assert [each.key for each in in_order(given)] == ["b", "d", "c", "a"]


async def test_a_new_definition_is_said_once_and_taken() -> None:
    """The answer has its version, and where it lies."""
    control = Governed(library())
    change = await desk(control).put(segment("s"), "ann", Conditions())
    assert (change.what, change.entry and change.entry.version, change.position) == (
        "created",
        11,
        {"control": {0: 10}},
    )
    [said] = control.said
    assert (said.kind, said.key, said.author, said.expects) == ("segment", "s", "ann", None)


async def test_the_same_again_writes_nothing() -> None:
    """However it is spelt; the version stays."""
    control = Governed(library(segment("s")))
    change = await desk(control).put(segment("s", status="live"), "bob", Conditions())
    assert (change.what, change.entry and change.entry.version, control.said) == ("same", 7, [])


async def test_another_replaces_it_under_its_condition() -> None:
    """The record carries the version that must be in force."""
    control = Governed(library(segment("s")))
    tag = etag(control.known.entries["segment:s"])
    change = await desk(control).put(segment("s", RICH), "bob", Conditions(if_match=tag))
    assert (change.what, control.said[0].expects) == ("replaced", 7)


async def test_who_comes_second_is_refused() -> None:
    """Between reading and writing somebody else wrote: the log decides, and the answer is 412."""
    control = Governed(library(segment("s")), meanwhile=segment("s", RICH))
    tag = etag(control.known.entries["segment:s"])
    with pytest.raises(RequestError) as refused:
        await desk(control).put(segment("s", RICH, name="rich"), "bob", Conditions(if_match=tag))
    assert refused.value.code == "precondition_failed"


async def test_several_are_said_together_and_only_what_differs() -> None:
    """Each with its condition; what is the same already is not said again."""
    control = Governed(library(segment("s"), segment("same")))
    tag = etag(control.known.entries["segment:s"])
    several = [segment("same"), segment("s", RICH), within("new", "s")]
    conditions = {("segment", "s"): Conditions(if_match=tag), ("segment", "new"): Conditions(if_none_match="*")}
    changes = await desk(control).put_all(several, "ann", conditions)
    assert [each.what for each in changes] == ["same", "replaced", "created"]
    assert [(each.key, each.expects) for each in control.said] == [("s", 7), ("new", NONE)]


async def test_of_several_none_is_said_when_one_was_changed() -> None:
    """A plan that is no longer true is not half carried out."""
    control = Governed(library(segment("s")))
    conditions = {("segment", "s"): Conditions(if_match='"0-x"')}
    with pytest.raises(RequestError) as refused:
        await desk(control).put_all([segment("new"), segment("s", RICH)], "ann", conditions)
    assert (refused.value.code, control.said) == ("precondition_failed", [])


async def test_who_changes_one_of_several_meanwhile_is_not_overwritten() -> None:
    """The log decides about each; the answer names the one that was left."""
    control = Governed(library(segment("s"), segment("t")), meanwhile=segment("s", RICH, name="by another"))
    conditions = {("segment", key): Conditions(if_match=etag(control.known.entries[f"segment:{key}"])) for key in "st"}
    changes = await desk(control).put_all([segment("s", RICH), segment("t", RICH)], "ann", conditions)
    assert [bool(each.refused) for each in changes] == [True, False]
    assert control.known.entries["segment:s"].author == "other"


async def test_what_loses_its_ground_meanwhile_is_an_invalid_definition() -> None:
    """Somebody closes the circle first."""
    control = Governed(library(segment("a"), segment("b")), meanwhile=within("b", "a"))
    with pytest.raises(InvalidDefinition) as refused:
        await desk(control).put(within("a", "b"), "ann", Conditions())
    assert refused.value.refusals[0].pointer == "/where/all/0/segment"


async def test_without_the_governor_the_answer_says_where_to_wait() -> None:
    """It lies in the log: nothing is lost, nothing is claimed."""
    control = Governed(library(), late=True)
    change = await desk(control).put(segment("s"), "ann", Conditions())
    assert (change.what, change.position) == ("waiting", {"control": {0: 10}})


async def test_deleting_takes_away_what_nobody_uses() -> None:
    """Twice is not found; of another version is 412; a used one is 409."""
    control = Governed(library(segment("s"), within("t", "s")))
    with pytest.raises(InUse):
        await desk(control).delete(("segment", "s"), "ann", Conditions())
    assert (await desk(control).delete(("segment", "t"), "ann", Conditions())).what == "deleted"
    with pytest.raises(NotFound):
        await desk(control).delete(("segment", "t"), "ann", Conditions())
    with pytest.raises(RequestError) as refused:
        await desk(control).delete(("segment", "s"), "ann", Conditions(if_match='"x"'))
    assert refused.value.code == "precondition_failed"


def test_lists_are_said_in_parts() -> None:
    """A thousand a record, in order."""
    control = Governed(library())
    entries = [Assignment(id=f"member_id:{number}", value=True) for number in range(2_500)]
    position = desk(control).assign(("segment", "s"), entries, "ann")
    said: Sequence[Control] = control.said
    assert [len(each.value["entries"]) for each in said] == [1000, 1000, 500]
    assert {(each.kind, each.key) for each in said} == {("assignments", "segment:s")}
    assert position == {"control": {0: 12}}
