"""What a request to ClickHouse is, and what of it is refused before it runs. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from deploy.embedded.clickhouse_config import LOCAL_READERS

# Formats without a header or footer: the pieces of a streamed result, joined, are one valid result.
_STREAM_SAFE: Final = frozenset({"native", "tabseparated", "tsv", "rowbinary", "jsoneachrow", "csv"})
_SELECT: Final = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:SELECT|WITH|\()", re.IGNORECASE | re.DOTALL)
_TRAILING_FORMAT: Final = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*\Z", re.IGNORECASE)
_INSERT_WITH_DATA: Final = re.compile(
    rb"\s*INSERT\s+INTO\s(?:(?!\bSELECT\b).)*?\bFORMAT\s+\w+[ \t]*\r?\n", re.IGNORECASE | re.DOTALL
)
_INSERT_HEAD_LIMIT: Final = 256 * 1024
_GAP: Final = r"(?:\s|/\*.*?\*/|--[^\n]*\n|\#[^\n]*\n)*"
_DISK: Final = re.compile(
    rf"\b(?:outfile|infile)\b|\b(?:{'|'.join(LOCAL_READERS)})\b[`\"]?{_GAP}\(", re.IGNORECASE | re.DOTALL
)
_CODE: Final = re.compile(r"Code: (\d+)\.")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_ACCESS_DENIED: Final = 497
_BAD_ARGUMENTS: Final = 36
_UNKNOWN_EXCEPTION: Final = 1002


class ClickHouseError(Exception):
    """An error as ClickHouse words it, with its number."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text

    @classmethod
    def parse(cls, text: str) -> Self:
        """The error in chDB's message; the number of an unknown exception where there is none."""
        found = _CODE.search(text)
        return cls(int(found[1]) if found else _UNKNOWN_EXCEPTION, text[found.start() :] if found else text)


@dataclass(frozen=True, slots=True)
class ExternalTable:
    """A table sent along with a query; `structure` is `name Type, …`."""

    name: str
    structure: str
    data_format: str
    data: bytes

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise ClickHouseError(
                _BAD_ARGUMENTS, f"Code: 36. DB::Exception: Bad table name {self.name!r}. (BAD_ARGUMENTS)"
            )


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.

    `params` are in ClickHouse's escaped form, as they stand in a URL; `data` is an insert's body; `whole` asks for no
    answer before the end is known.
    """

    sql: str
    database: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    external: tuple[ExternalTable, ...] = ()
    data: bytes | None = None
    default_format: str = "TabSeparated"
    whole: bool = False

    def __post_init__(self) -> None:
        for name in self.settings:
            if not _NAME.match(name):
                raise ClickHouseError(115, f"Code: 115. DB::Exception: Unknown setting '{name}'. (UNKNOWN_SETTING)")

    @property
    def output_format(self) -> str:
        """The format the statement names at its end, else the request's default."""
        found = _TRAILING_FORMAT.search(self.sql)
        return found[1] if found else self.default_format


@dataclass(frozen=True, slots=True)
class Summary:
    """What a statement read and wrote."""

    read_rows: int
    read_bytes: int
    written_rows: int
    written_bytes: int
    elapsed_seconds: float


def quoted(value: str) -> str:
    """A string literal of ClickHouse."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def split_insert(body: bytes) -> tuple[bytes, bytes | None]:
    """`INSERT … FORMAT X` and its data, as clients send them in one body; None where the body is only a statement."""
    found = _INSERT_WITH_DATA.match(body, 0, _INSERT_HEAD_LIMIT)
    if not found or found.end() == len(body):
        return body, None
    return body[: found.end()], body[found.end() :]


def split_format(sql: str) -> tuple[str, str]:
    """An insert without its FORMAT clause, and that format: chDB takes them apart."""
    found = _TRAILING_FORMAT.search(sql)
    return (sql[: found.start()], found[1]) if found else (sql, "Values")


def streams(statement: Statement) -> bool:
    """Whether to take the result block by block: a SELECT, in a format without header and footer, not wanted whole.

    It costs 0.8 ms more than taking it at once.
    """
    if statement.whole:
        return False
    mentions = re.search(r"\bFORMAT\b", statement.sql, re.IGNORECASE)
    if mentions and not _TRAILING_FORMAT.search(statement.sql):
        return False
    return statement.output_format.lower() in _STREAM_SAFE and _SELECT.match(statement.sql) is not None


def refuse_disk_access(sql: str, canonical: Callable[[], str]) -> None:
    r"""Refuse what reaches files past ClickHouse's grants: INTO OUTFILE, FROM INFILE, the function file().

    The words count even inside a literal: values belong in parameters. An escaped name (`"fi\x6ce"`) is looked at
    in the canonical text.
    """
    if _DISK.search(sql) or ("\\" in sql and _DISK.search(canonical())):
        raise ClickHouseError(
            _ACCESS_DENIED,
            "Code: 497. DB::Exception: Files of this machine are not accessible from queries. (ACCESS_DENIED)",
        )
