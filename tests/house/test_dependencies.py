"""What the code imports is what `pyproject.toml` declares: nothing works because something else brought it along."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.house.repository import PACKAGES, modules, name, text

# Parts that a declared distribution always brings, and Python 3.14's own.
COMES_WITH = {"mode": "faust-streaming", "pydantic_core": "pydantic"}
LATER_PYTHONS = {"compression"}


def test_every_import_is_declared():
    """A distribution that a module imports is a dependency, or in an extra."""
    project = tomllib.loads(text("pyproject.toml"))["project"]
    declared = {_bare(each) for each in project["dependencies"]}
    declared |= {_bare(each) for extra in project["optional-dependencies"].values() for each in extra}
    known = packages_distributions()
    missing = {
        f"{name(path)}: {imported}"
        for path in modules()
        for imported in _imports(ast.parse(path.read_text(encoding="utf-8")))
        if not declared & {COMES_WITH.get(imported, ""), *map(_bare, known.get(imported, [imported]))}
    }
    assert missing == set()


def _imports(tree: ast.Module) -> set[str]:
    """The first word of every import that is neither the standard library's nor our own."""
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {each.partition(".")[0] for each in found} - {*PACKAGES, *sys.stdlib_module_names, *LATER_PYTHONS}


def _bare(requirement: str) -> str:
    """The name of a requirement as indexes compare it."""
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-").replace(".", "-")
