"""The repository as the house's tests read it: its own files, not what tools left beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("api", "deploy", "ingest", "processors", "projections", "schemas")
_NOT_OURS = {".git", ".venv", "__pycache__", "build", "dist", "htmlcov", "swagger-ui"}
_CACHE = re.compile(r"\.(cdp|hypothesis|[a-z_]+_cache)")


def files(*suffixes: str) -> list[Path]:
    """Every text file of the repository, or those with one of these suffixes."""
    return [path for path in sorted(_walk(ROOT)) if not suffixes or path.suffix in suffixes]


def modules() -> list[Path]:
    """Every module of the packages; tests are none."""
    return [path for path in files(".py") if path.relative_to(ROOT).parts[0] in PACKAGES]


def documents() -> list[Path]:
    """Every document written for people."""
    return files(".md")


def text(path: Path | str) -> str:
    """What a file says."""
    return (ROOT / path).read_text(encoding="utf-8")


def anchors(path: Path | str) -> set[str]:
    """The sections of a document one can link to, called as GitHub and GitLab call them."""
    heads = re.findall(r"^#+ (.+)$", text(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def name(path: Path) -> str:
    """A file as one would call it."""
    return path.relative_to(ROOT).as_posix()


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name in _NOT_OURS or _CACHE.match(path.name) or path.name in {".env", ".coverage"}:
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file() and b"\0" not in path.read_bytes()[:1024]:
            yield path
