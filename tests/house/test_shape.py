"""The shape of the code: rules that no linter has, each an AST check."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.repository import modules, name

MOST_LINES_A_MODULE = 300
MOST_LINES_A_FUNCTION = 40
MAY_CATCH_EVERYTHING = {"processors/edge.py"}
ENTRY_POINTS = ("__main__.py", "deploy/cli/")


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in modules():
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_no_module_is_long():
    """What needs more than 300 lines is two things."""
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {module: lines for module, lines in lengths.items() if lines > MOST_LINES_A_MODULE} == {}


def test_no_function_is_long():
    """What needs more than 40 lines is two things."""
    long = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _lines(node) > MOST_LINES_A_FUNCTION
    ]
    assert long == []


def test_every_module_says_what_the_reader_finds():
    """A module that holds code starts with a docstring."""
    assert [name(path) for path, tree in _trees() if tree.body and ast.get_docstring(tree) is None] == []


def test_only_the_agents_edge_catches_everything():
    """A broad except hides faults; the one there is ends the process."""
    broad = {
        name(path)
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node)
    }
    assert broad <= MAY_CATCH_EVERYTHING


def test_only_entry_points_read_the_environment():
    """Everything else is given values, so tests and other processes can give other ones."""
    reading = [
        f"{name(path)}:{node.lineno}"
        for path, tree in _trees()
        if not _is_entry_point(path)
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and _reads_environment(node)
    ]
    assert reading == []


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _is_broad(handler: ast.ExceptHandler) -> bool:
    """`except BaseException` that raises again is clearing up, not catching."""
    if isinstance(handler.type, ast.Name) and handler.type.id == "BaseException":
        return not isinstance(handler.body[-1], ast.Raise)
    return handler.type is None or (isinstance(handler.type, ast.Name) and handler.type.id == "Exception")


def _is_entry_point(path: Path) -> bool:
    return any(part in name(path) for part in ENTRY_POINTS)


def _reads_environment(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os":
        return node.attr in {"environ", "environb", "getenv"}
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Settings"
