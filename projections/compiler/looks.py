"""What a statement takes from a person's facts or orders: values of each row, and aggregates over those that match."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from projections.compiler import windows
from projections.compiler.found import Condition
from projections.compiler.scope import Scope, T
from schemas.definitions.windows import AnyWindow, BetweenAgo, Calendar, Last


@dataclass(slots=True)
class Rows:
    """Columns of one kind of rows, facts or orders; the same SQL is one column, whoever asks for it."""

    prefix: str
    time: str
    """The column that windows are about; NULL lies in none."""
    values: dict[str, str] = field(default_factory=dict)
    aggregates: dict[str, str] = field(default_factory=dict)

    def value(self, sql: str) -> str:
        """A column over one row."""
        return self.values.setdefault(sql, f"{self.prefix}v{len(self.values)}")

    def aggregate(self, sql: str) -> str:
        """A column over the rows of a person."""
        return self.aggregates.setdefault(sql, f"{self.prefix}{len(self.aggregates)}")


@dataclass(frozen=True, slots=True)
class Look:
    """The rows that match, and those of them inside a window."""

    rows: Rows
    scope: Scope
    matches: str
    window: AnyWindow | None = None
    filter_edges: tuple[str, ...] = ()
    """SQL over one row: moments at which it may match no more, or match."""

    def through(self, window: AnyWindow | None) -> Look:
        """The same rows through another window."""
        return replace(self, window=window)

    @property
    def inside(self) -> str:
        """SQL over one row: whether it matches and lies in the window."""
        return self.also(*windows.inside(self.window, self.rows.time, self.scope))

    def also(self, *terms: str) -> str:
        """Whether a row matches, and these terms hold: columns, since other looks have the same windows."""
        return " AND ".join((self.matches, *map(self.rows.value, terms)))

    def over(self, function: str, value: str = "", condition: str = "", parameter: int | None = None) -> str:
        """The column of an aggregate over the rows inside, or over those of a condition."""
        arguments = ", ".join(filter(None, (value, condition or self.inside)))
        bound = "" if parameter is None else f"({parameter})"
        return self.rows.aggregate(f"{function}If{bound}({arguments})")

    def count(self) -> str:
        """How many there are."""
        return self.over("count")

    def there(self) -> Condition:
        """Whether there is one, and until when. It stays as long as the latest one does."""
        if not isinstance(self.window, Last | BetweenAgo):
            return Condition(f"{self.count()} > 0", self.edges())
        latest = self.over("maxOrNull", self.rows.time)
        if isinstance(self.window, Last):
            changes = self.later(latest, self.window)
        else:
            changes = windows.later(latest, self.window.earlier, self.scope)
            coming = self._coming(self.window, f"isNull({latest})")
            return Condition(f"isNotNull({latest})", (changes, coming, *self.filtering()))
        return Condition(f"isNotNull({latest})", (changes, *self.filtering()))

    def later(self, time: str, window: Last) -> str:
        """When what was at that time leaves the window."""
        return windows.later(time, window.last, self.scope)

    def edges(self) -> tuple[str, ...]:
        """The next moments at which other rows may be inside."""
        return (*self.changing(), *self.filtering())

    def changing(self) -> Iterator[str]:
        """The next moments at which a row leaves the window or comes into it."""
        if isinstance(self.window, Last):
            yield self.later(self.over("minOrNull", self.rows.time), self.window)
        elif isinstance(self.window, BetweenAgo):
            yield windows.later(self.over("minOrNull", self.rows.time), self.window.earlier, self.scope)
            yield self._coming(self.window)
        elif isinstance(self.window, Calendar):
            start = windows.begins(self.window, self.scope)
            concerned = self.over("count", condition=self.also(f"{self.rows.time} >= {start}"))
            yield f"if({concerned} > 0, {windows.moves(self.window, self.scope)}, NULL)"

    def filtering(self) -> tuple[str, ...]:
        """The next moments at which a row matches no more, or does."""
        columns = [self.rows.value(edge) for edge in self.filter_edges]
        return tuple(self.rows.aggregate(f"minOrNullIf({column}, {column} > {T})") for column in columns)

    def _coming(self, window: BetweenAgo, condition: str = "") -> str:
        near = windows.ago(window.later, self.scope)
        first = self.over("minOrNull", self.rows.time, condition=self.also(f"{self.rows.time} > {near}"))
        return windows.later(f"if({condition}, {first}, NULL)" if condition else first, window.later, self.scope)
