"""The SQL of the projections: `.sql` files beside this module, put together from named fragments.

A `{{name}}` in a file stands for the file `name.sql`. Names come from the files alone, never from input; values
reach the server as query parameters (`{known:DateTime64(6, 'UTC')}`).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_INCLUDE = re.compile(r"\{\{(\w+)\}\}")


@cache
def statement(name: str) -> str:
    """The text of `sql/<name>.sql` with its fragments filled in and its comments taken out."""
    text = (files("projections") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    bare = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("--"))
    return _INCLUDE.sub(lambda match: statement(match[1]), bare).strip()
