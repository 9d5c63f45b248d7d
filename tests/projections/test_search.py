"""Whom a search finds, among profiles as they are kept: older versions, former persons and odd values included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.database import Database, Given
from projections.migrations import all_migrations
from projections.search import Search, search
from schemas.identifiers import IDENTIFIER_TYPES, SCOPED_TYPES
from tests.stack.servers import ClickHouse

pytestmark = pytest.mark.clickhouse

_COLUMNS = "root String, person_id String, version UInt64, members Array(String), present UInt8"
_TRAITS = "traits Map(String, Tuple(String, String))"


@dataclass(frozen=True)
class Kept:
    """A row of `profiles`; its root is the first member."""

    n: int
    members: Sequence[str]
    traits: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1
    present: bool = True

    @property
    def person_id(self) -> str:
        return str(UUID(int=self.n))


@pytest.fixture(scope="module")
def made(clickhouse_server: ClickHouse) -> Iterator[Database]:
    """A database with the newest schema."""
    database = Database(clickhouse_server.fresh_database())
    yield database
    database.close()


@pytest.fixture
def database(made: Database) -> Database:
    """The same, with nobody in it."""
    made.execute("TRUNCATE TABLE profiles")
    made.execute("TRUNCATE TABLE profile_search")
    return made


def keep(database: Database, *rows: Kept) -> None:
    given_rows = [
        (
            row.members[0], row.person_id, row.version, row.members, int(row.present),
            {name: ["pos", orjson.dumps(value).decode()] for name, value in row.traits.items()},
        )
        for row in rows
    ]  # fmt: skip
    names = ", ".join(column.split()[0] for column in f"{_COLUMNS}, traits".split(", "))
    table = {"kept": Given(f"{_COLUMNS}, {_TRAITS}", given_rows)}
    database.execute(f"INSERT INTO profiles ({names}) SELECT {names} FROM kept", None, table)


def numbers(database: Database, wanted: Search, limit: int = 200) -> list[int]:
    return [UUID(row["person_id"]).int for row in search(database, wanted, "", limit)]


def words(*said: str) -> Search:
    return Search([(word, word) for word in said])


def test_an_identifier_is_found_by_its_beginning(database: Database) -> None:
    """By nothing in its middle or end, and not by its type."""
    keep(database, Kept(1, ["member_id:M42", "phone:+8613800138000"]), Kept(2, ["member_id:M43"]))
    assert numbers(database, words("M4")) == [1, 2]
    assert numbers(database, words("M42")) == [1]
    assert numbers(database, words("+86138")) == [1]
    for nothing in ("42", "13800138000", "m42", "member_id"):
        assert numbers(database, words(nothing)) == [], nothing


def test_an_identifier_is_found_as_it_is_written(database: Database) -> None:
    """What a word is normalised to has to be all of an identifier; so has what all words are together."""
    keep(database, Kept(1, ["phone:+8613800138000"]), Kept(2, ["phone:+86138001380001"]), Kept(3, ["email:ann@x.cn"]))
    assert numbers(database, Search([("13800138000", "+8613800138000")])) == [1]
    assert numbers(database, Search([("Ann@x.cn", "ann@x.cn")])) == [3]
    spaced = [("138", "138"), ("0013", "0013"), ("8000", "8000")]
    assert numbers(database, Search(spaced, whole="+8613800138000")) == [1]
    assert numbers(database, Search(spaced)) == []


def test_an_identifier_of_one_source_is_found_without_it(database: Database) -> None:
    """Whatever the type; one of a namespace with it, too; and odd values are found whole."""
    for n, kind in enumerate(IDENTIFIER_TYPES):
        keep(database, Kept(n, [f"{kind}:mall/V/{n}x"]))
        assert numbers(database, words(f"V/{n}x")) == [n], kind
        assert numbers(database, words(f"mall/V/{n}x")) == ([] if kind in SCOPED_TYPES else [n]), kind
    keep(database, Kept(90, ["member_id:a:b'\\c"]), Kept(91, ["wechat_openid:shop/o\n1/中"]))
    assert numbers(database, words("a:b'\\c")) == [90]
    assert numbers(database, words("o\n1/中")) == [91]


def test_a_text_is_found_by_any_part_of_it(database: Database) -> None:
    """In any case, in any script; what is no text, or was taken away, is not."""
    traits = {"name": "Zoë WANG 王小明", "note": 'a "quoted" \\ line\nnext', "age": 4711, "city": None, "tags": ["vip"]}
    keep(database, Kept(1, ["member_id:M1"], traits), Kept(2, ["member_id:M2"], {"name": "Wan"}))
    for part in ("zoË", "wang", "小", "ANG 王", '"QUOTED" \\', "line\nnext"):
        assert numbers(database, words(part)) == [1], part
    assert numbers(database, words("wan")) == [1, 2]
    for nothing in ("4711", "null", "vip", "name", "Wang王", "%", "_", "{x:String}", "'"):
        assert numbers(database, words(nothing)) == [], nothing


def test_every_word_stands_somewhere(database: Database) -> None:
    """One in an identifier, another in a trait; a word nowhere finds nobody."""
    keep(
        database, Kept(1, ["member_id:M1"], {"name": "Ann", "city": "Bath"}), Kept(2, ["member_id:M2"], {"name": "Ann"})
    )
    assert numbers(database, words("ann", "M")) == [1, 2]
    assert numbers(database, words("bath", "ann", "M1")) == [1]
    assert numbers(database, words("bath", "ann", "M2")) == []
    assert numbers(database, Search([(w, w) for w in map(chr, range(33, 126))])) == []


def test_a_trait_has_the_value_asked_for(database: Database) -> None:
    """A text as it is, a number or boolean as JSON, a list by any element; not an object, not what was taken away."""
    traits = {
        "city": "上海",
        "age": 30,
        "rate": 1.5,
        "vip": True,
        "tags": ["a", 7, None, {"b": 1}],
        "x": None,
        "o": {"b": 1},
    }
    keep(database, Kept(1, ["member_id:M1"], traits), Kept(2, ["member_id:M2"], {"city": "北京", "age": "30"}))
    for name, value in [("city", "上海"), ("rate", "1.5"), ("vip", "true"), ("tags", "a"), ("tags", "7")]:
        assert numbers(database, Search(traits=[(name, value)])) == [1], name
    assert numbers(database, Search(traits=[("age", "30")])) == [1, 2]
    for name, value in [
        ("city", "上"),
        ("City", "上海"),
        ("x", "null"),
        ("o", '{"b":1}'),
        ("tags", '["a"]'),
        ("none", ""),
    ]:
        assert numbers(database, Search(traits=[(name, value)])) == [], name


def test_traits_are_all_asked_for_values_of_one_any(database: Database) -> None:
    """Two names narrow, two values of a name widen; words narrow further."""
    keep(
        database,
        Kept(1, ["member_id:M1"], {"city": "上海", "tier": "gold"}),
        Kept(2, ["member_id:M2"], {"city": "北京", "tier": "gold"}),
        Kept(3, ["member_id:M3"], {"city": "上海", "tier": ""}),
    )
    cities = [("city", "上海"), ("city", "北京")]
    assert numbers(database, Search(traits=cities)) == [1, 2, 3]
    assert numbers(database, Search(traits=[*cities, ("tier", "gold")])) == [1, 2]
    assert numbers(database, Search(traits=[("tier", "")])) == [3]
    assert numbers(database, Search([("M2", "M2")], traits=cities)) == [2]


def test_only_the_latest_version_is_found(database: Database) -> None:
    """Whichever was written first; somebody who is no more is not found, whatever former rows say."""
    old, new = Kept(1, ["member_id:M1"], {"city": "A"}, 5), Kept(1, ["member_id:M1"], {"city": "B"}, 6)
    gone = Kept(2, ["member_id:M2"], {"city": "A"}, 7, present=False)
    keep(database, new)
    keep(database, gone)
    keep(database, old, Kept(2, ["member_id:M2"], {"city": "A"}, 3))
    assert numbers(database, Search(traits=[("city", "A")])) == []
    assert numbers(database, Search(traits=[("city", "B")])) == [1]
    assert numbers(database, words("M")) == numbers(database, Search()) == [1]


def test_a_person_whose_id_changed_is_found_under_the_latest(database: Database) -> None:
    """An earlier place of the root gives it another id: one person, one row."""
    keep(database, Kept(1, ["member_id:M1"], version=1))
    keep(database, Kept(9, ["member_id:M1"], version=2), Kept(5, ["member_id:M5"]))
    assert numbers(database, Search()) == [5, 9]


@pytest.mark.parametrize("limit", [1, 2, 7, 50])
def test_pages_show_everybody_once(database: Database, limit: int) -> None:
    """In one order, whatever the size of a page, and however many former versions still lie there."""
    for version in range(1, 8):  # most left the city; their former rows are candidates
        keep(database, *(
            Kept(n, [f"member_id:M{n}"], {"city": "A" if version < 7 or n % 10 == 0 else "B"}, version)
            for n in range(1, 101)
        ))  # fmt: skip
    seen: list[str] = []
    while page := search(database, Search(traits=[("city", "A")]), seen[-1] if seen else "", limit):
        assert len(page) <= limit
        seen += [row["person_id"] for row in page]
    assert seen == [str(UUID(int=n)) for n in range(10, 101, 10)]


def test_a_row_found_is_that_of_the_profile(database: Database) -> None:
    """With what an answer shows of it."""
    keep(database, Kept(1, ["member_id:M1", "phone:+8613800138000"], {"city": "A"}))
    [row] = search(database, Search(), "", 10)
    assert (row["root"], row["members"]) == ("member_id:M1", ["member_id:M1", "phone:+8613800138000"])
    assert {"traits", "type_first", "type_last", "orders_count", "net_amount", "last_order_at"} <= set(row)


def test_profiles_that_were_there_before_are_found(database: Database) -> None:
    """The migration takes them in, and may be run again."""
    keep(database, Kept(1, ["member_id:M1"]))
    database.execute("DROP TABLE profile_search_of_profiles")
    database.execute("DROP TABLE profile_search")
    [migration] = [each for each in all_migrations() if each.name == "0006_search.sql"]
    create, view, fill = migration.statements
    for statement in (create, view, fill, fill):
        database.execute(statement)
    assert numbers(database, words("M1")) == [1]


_letters = st.text("aAb王 1", min_size=1, max_size=4).filter(str.strip)
_values = _letters | st.integers(0, 3) | st.booleans() | st.none() | st.lists(_letters | st.integers(0, 3), max_size=2)
_people = st.lists(
    st.tuples(st.lists(_letters, min_size=1, max_size=2), st.dictionaries(st.sampled_from("xy"), _values)), max_size=6
)
_searches = st.tuples(
    st.lists(_letters.map(lambda word: word.replace(" ", "")), max_size=2, unique=True),
    st.lists(st.tuples(st.sampled_from("xy"), _letters | st.sampled_from(["1", "2", "true", "null"])), max_size=3),
)


@settings(max_examples=60)
@given(_people, st.lists(_searches, min_size=1, max_size=4))
def test_a_search_finds_whom_its_meaning_says(made: Database, people: list[Any], asked: list[Any]) -> None:
    """The statements agree with the same rules said in Python."""
    made.execute("TRUNCATE TABLE profiles")
    made.execute("TRUNCATE TABLE profile_search")
    kept = [
        Kept(n, [f"user_id:{n}#", *(f"member_id:{value}" for value in values)], traits)
        for n, (values, traits) in enumerate(people)
    ]
    keep(made, *kept)
    for said, traits in asked:
        expected = [row.n for row in kept if means(row, said, traits)]
        assert numbers(made, Search([(word, word) for word in said], traits=traits)) == expected


def means(row: Kept, said: Sequence[str], traits: Sequence[tuple[str, str]]) -> bool:
    """Whether a search means this person."""
    values = [member.partition(":")[2] for member in row.members]
    texts = [value.lower() for value in row.traits.values() if isinstance(value, str)]
    words_stand = all(
        any(value.startswith(word) for value in values) or any(word.lower() in text for text in texts) for word in said
    )
    alternatives = {name: {value for other, value in traits if other == name} for name, _ in traits}
    return words_stand and all(shown(row.traits.get(name)) & wanted for name, wanted in alternatives.items())


def shown(value: Any) -> set[str]:
    """The texts a trait equals."""
    each = value if isinstance(value, list) else [] if value is None else [value]
    return {said if isinstance(said, str) else orjson.dumps(said).decode() for said in each}
