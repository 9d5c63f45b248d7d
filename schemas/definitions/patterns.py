r"""Which regular expressions ClickHouse's RE2 takes, told without asking it: a refusal belongs to the definition.

Rust's engine, which comes with pydantic, descends from RE2 and refuses nearly what RE2 refuses (lookaround and
references back above all). What it takes beyond RE2 is refused here. A few rarities that RE2 alone takes, \Q…\E
or octal numbers, are refused as well.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pydantic_core import SchemaError, SchemaValidator, core_schema

from schemas.errors import InvalidValue

MAX_REPEATS = 1_000
"""RE2's own limit, which holds for repeats of repeats as their product."""

_TOKEN = re.compile(
    r"""(?P<escape>\\(?:[pP]\{[^}]*\}|[pP].|x\{[^}]*\}|x..|.))
      | (?P<set>\[\^?\]?(?:\\[pP]\{[^}]*\}|\\.|\[:[^\]]*:\]|[^\]\\])*\])
      | (?P<open>\((?:\?(?:P?<\w+>|[a-zA-Z-]*[:)]|.?.?))?)
      | (?P<close>\))
      | (?P<quantifier>(?:[*+?]|\{\d+(?:,\d*)?\})\??)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_OPENS = re.compile(r"\((\?(P?<\w+>|[imsU]*(-[imsU]+)?[:)]))?\Z", re.ASCII)
_ESCAPES = frozenset("AbBdDsSwWpPzafntrvx")
_NAMES = re.compile(
    r"\\[pP](\{?[CLMNPSZ]\}?|\{(C[cfos]|L[lmotu]|M[cen]|N[dlo]|P[cdefios]|S[ckmo]|Z[lps]"
    r"|Arabic|Bopomofo|Common|Cyrillic|Devanagari|Greek|Han|Hangul|Hebrew|Hiragana|Katakana|Latin|Thai)\})\Z"
)
_POSIX = re.compile(r"\[:\^?(alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]")
_SET_ALGEBRA = re.compile(r"&&|--|~~")


def check_pattern(pattern: str) -> None:
    """Refuse what RE2 would refuse. Raises InvalidValue."""
    _check_tokens(pattern)
    if not _compiles(pattern):
        raise _refused(
            "is no regular expression of RE2, or too large a one; RE2 has no lookaround and no references back"
        )


@lru_cache(maxsize=512)
def _compiles(pattern: str) -> bool:
    try:
        SchemaValidator(core_schema.str_schema(pattern=pattern))
    except SchemaError:
        return False
    return True


def _check_tokens(pattern: str) -> None:
    within, last, repeated = [1], "", 1
    for token in _TOKEN.finditer(pattern):
        kind, text = token.lastgroup or "", token[0]
        _check_token(kind, text)
        if kind == "open" and not text.endswith(")"):
            within.append(1)
        if kind == "quantifier":
            if last == "quantifier":
                raise _refused(f"repeats a repeat: {text}")
            repeated *= _most(text)
        else:
            repeated = within.pop() if kind == "close" and len(within) > 1 else 1
        if repeated > MAX_REPEATS:
            raise _refused(f"repeats more than {MAX_REPEATS} times")
        within[-1] = max(within[-1], repeated)
        last = kind


def _check_token(kind: str, text: str) -> None:
    if kind == "open" and not _OPENS.match(text):
        raise _refused(f"begins a group with what RE2 does not know: {text}")
    if kind == "set" and "[" in _POSIX.sub("", re.sub(r"\\.", "", text[1:], flags=re.DOTALL)):
        raise _refused(f"has a set of characters within another, or one that RE2 does not know: {text}")
    if kind == "set" and _SET_ALGEBRA.search(text):
        raise _refused(f"reckons with sets of characters: {text}")
    for escape in re.findall(r"\\(?:[pP]\{[^}]*\}|[pP].|.)", text) if kind in {"escape", "set"} else ():
        if escape[1].isalnum() and escape[1] not in _ESCAPES:
            raise _refused(f"has an escape that RE2 does not know: {escape}")
        if escape[1] in "pP" and not _NAMES.match(escape):
            raise _refused(f"names a class of characters that RE2 may not know: {escape}")


def _most(quantifier: str) -> int:
    return max((int(number) for number in re.findall(r"\d+", quantifier)), default=1) or 1


def _refused(predicate: str) -> InvalidValue:
    return InvalidValue("invalid_value", predicate)
