"""The pages about channels, and the blocks of them that are typed."""

from __future__ import annotations

import re

from tests.house.repository import text


def page(name: str, language: str = "") -> str:
    """What a page says."""
    return text(f"docs/channels/{name}{language}.md")


def block(name: str, which: str) -> str:
    """A block between its markers."""
    found = re.search(rf"<!-- {which} -->\n```\w+\n(.*?)```\n<!-- end -->", page(name), re.DOTALL)
    assert found is not None, (name, which)
    return found[1]
