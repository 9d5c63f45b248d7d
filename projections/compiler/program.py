"""The program of a library of definitions: one SELECT that says of every person which of them hold, and until when."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from projections.compiler.derived import BELIEVED, SAID
from projections.compiler.edges import first_of
from projections.compiler.happenings import families
from projections.compiler.library import Compiled, compile_together
from projections.compiler.limiting import CLOSED, Cut, cut_parameters
from projections.compiler.looks import Rows
from projections.compiler.scoring import DAYS_SINCE, boundary_parameters
from projections.moments import AsOf
from projections.profiles import Terms, fold_parameters
from projections.statements import statement
from schemas.definitions import Definition, Ref
from schemas.rfm import Boundaries

COLUMNS = "{columns}"
"""In a SELECT of persons: where its columns go."""
_ALWAYS = ("root", "person_id", "present")
_OF_PERSON = re.compile(r"\bperson\.(\w+)")
_NOTHING: Mapping[str, str] = MappingProxyType({})
# What is long, and looked at by several figures and by their edges: the longer first, since it has the other in it.
_READ_ONCE = {"believed_birthdays": BELIEVED, "said_birthdays": SAID, "days_since": DAYS_SINCE}
# What holds: segments come before tags in the order of refs, too.
_OF_SEGMENTS = """arrayMap(ref -> (ref, 'true'), arrayFilter((ref, holds) -> holds, {{segments:Array(String)}}, [
{}]))"""
_OF_TAGS = """arrayFilter(pair -> pair.2 != '', arrayZip({{tags:Array(String)}}, [
{}]))"""


@dataclass(frozen=True, slots=True)
class Program:
    """Definitions compiled together; it holds no values of a moment, so one may serve many statements."""

    refs: tuple[Ref, ...]
    compiled: Compiled

    @property
    def needs_facts(self) -> bool:
        """Whether a statement reads facts, and so the tables `keys` and `excluded`."""
        return bool(self.compiled.statement.facts.aggregates)

    @property
    def needs_orders(self) -> bool:
        """Whether a statement reads facts of orders, from the same tables."""
        return bool(self.compiled.statement.orders.aggregates)

    @property
    def needs_assigned(self) -> bool:
        """Whether a statement reads what was set by hand, by the table `keys`."""
        return self.compiled.needs_assigned

    @property
    def needs_boundaries(self) -> bool:
        """Whether any definition asks for scores."""
        return self.compiled.needs_boundaries

    @property
    def limited(self) -> tuple[Ref, ...]:
        """The segments with a limit, each after those it refers to: a statement is given their cuts."""
        return tuple(self.compiled.limits)

    def select(self, people: str) -> str:
        """The whole SELECT over rows of `profiles`, kept or folded, with COLUMNS: root, person_id, pairs, flips_at."""
        parts = [
            sql.format(_lines(self.compiled.says[ref] for ref in refs))
            for sql, refs in ((_OF_SEGMENTS, self.segments), (_OF_TAGS, self.tags))
            if refs
        ]
        pairs = " || ".join(parts) or "CAST([], 'Array(Tuple(String, String))')"
        return f"SELECT root, person_id, {pairs} AS pairs, flips_at\nFROM ({layered(self.compiled, people)})"

    @property
    def segments(self) -> tuple[Ref, ...]:
        """Those of the definitions that are segments."""
        return tuple(ref for ref in self.refs if ref[0] == "segment")

    @property
    def tags(self) -> tuple[Ref, ...]:
        """Those of the definitions that are tags."""
        return tuple(ref for ref in self.refs if ref[0] == "tag")

    def ranking(self, people: str, ref: Ref) -> str:
        """The SELECT of where those stand who are in a segment with a limit: rank, tie."""
        rank = self.compiled.limits[ref]
        found = layered(self.compiled, people, {"limit_rank": rank.rank, "limit_tie": rank.tie})
        return (
            f"SELECT assumeNotNull(limit_rank) AS rank, limit_tie AS tie\nFROM ({found})\n"
            f"WHERE {self.compiled.says[ref]} AND isNotNull(limit_rank)"
        )

    def parameters(
        self,
        moment: AsOf,
        terms: Terms,
        boundaries: Boundaries | None,
        cuts: Mapping[str, Cut] = MappingProxyType({}),
    ) -> dict[str, object]:
        """All parameters of the statement for a moment, those of a fold included; without its cut nobody is in."""
        found = parameters(self.compiled, moment, terms, boundaries, cuts)
        named = {"segments": self.segments, "tags": self.tags}
        return {**found, **{name: [":".join(ref) for ref in refs] for name, refs in named.items()}}


def compile_library(definitions: Sequence[Definition], *, only: Collection[Ref] | None = None) -> Program:
    """Compile definitions that may refer to each other; with `only`, these and what they refer to."""
    known = {each.ref for each in definitions}
    wanted = known if only is None else known & set(only)
    return Program(tuple(sorted(wanted, key=":".join)), compile_together(definitions, wanted))


def layered(compiled: Compiled, people: str, more: Mapping[str, str] = _NOTHING) -> str:
    """Persons with the columns of all definitions, each layer over those before it; and with more of conditions."""
    edges = dict.fromkeys(edge for some in compiled.edges.values() for edge in some)
    found = conditions(compiled, people, {"flips_at": first_of(edges), **more})
    for layer in compiled.layers:
        found = f"SELECT *,\n{_lines(f'{sql} AS {name}' for name, sql in layer.items())}\nFROM ({found})"
    return found


def conditions(compiled: Compiled, people: str, more: Mapping[str, str]) -> str:
    """Persons with the columns of all conditions, and more columns."""
    columns = {**{name: sql for sql, name in compiled.conditions.items()}, **more}
    named = _lines(f"{sql} AS {name}" for name, sql in columns.items())
    figures = _lines(f"{sql} AS {name}" for sql, name in compiled.statement.persons.items())
    read = {name: sql for name, sql in _READ_ONCE.items() if sql in named + figures}
    for name, sql in _READ_ONCE.items():
        named, figures = named.replace(sql, f"person.{name}"), figures.replace(sql, f"person.{name}")
    once = _lines(f"{sql} AS {name}" for name, sql in read.items())
    own = {*read, *compiled.statement.persons.values()}
    source = _with(_with(with_columns(people, _columns(named + figures + once) - own), once), figures)
    return f"SELECT root, person_id,\n{named}\nFROM ({source}) AS person\n{_joined(compiled)}WHERE present"


def with_columns(people: str, columns: Iterable[str] = ()) -> str:
    """The SELECT of persons with these columns of `profiles`, beside those it always has; of none named with all.

    Each column that is carried along costs, whether it is looked at or not.
    """
    named = sorted({*_ALWAYS, *columns}) if columns else ["*"]
    return people.replace(COLUMNS, ", ".join(named))


def _columns(sql: str) -> set[str]:
    return {*_ALWAYS, *_OF_PERSON.findall(sql)}


def _with(people: str, columns: str) -> str:
    """Persons with more columns over their rows."""
    return f"SELECT person.*,\n{columns}\nFROM ({people}) AS person" if columns else people


def parameters(
    compiled: Compiled, moment: AsOf, terms: Terms, boundaries: Boundaries | None, cuts: Mapping[str, Cut]
) -> dict[str, object]:
    """The parameters of what is compiled, for a moment."""
    types, custom = families(compiled.statement.event_types)
    return {
        **fold_parameters(moment, terms),
        **compiled.statement.scope.parameters(moment.at, terms.zone),
        **boundary_parameters(boundaries),
        **cut_parameters({number: cuts.get(":".join(ref), CLOSED) for number, ref in enumerate(compiled.limits)}),
        "event_types": types,
        "custom": custom,
    }


def _joined(compiled: Compiled) -> str:
    made = compiled.statement
    found = ""
    if made.facts.aggregates:
        found += f"LEFT JOIN (\n{_aggregated(made.facts, 'evaluated_facts')}\n) AS looks USING (root)\n"
    if made.orders.aggregates:
        found += f"LEFT JOIN (\n{_aggregated(made.orders, 'evaluated_orders')}\n) AS bought USING (root)\n"
    if compiled.needs_assigned:
        found += f"LEFT JOIN ({statement('evaluated_assigned')}) AS by_hand USING (root)\n"
    return found


def _aggregated(rows: Rows, name: str) -> str:
    source = statement(name)
    if rows.values:
        values = _lines(f"{sql} AS {column}" for sql, column in rows.values.items())
        source = f"SELECT *,\n{values}\nFROM ({source})"
    aggregates = _lines(f"{sql} AS {column}" for sql, column in rows.aggregates.items())
    return f"SELECT root,\n{aggregates}\nFROM ({source})\nGROUP BY root"


def _lines(columns: Iterable[str]) -> str:
    return ",\n".join(f"    {column}" for column in columns)
