"""What the README says to type exists, in both languages, and CI runs the very same."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from deploy.cli.__main__ import build
from tests.house.repository import ROOT, anchors, documents, name, text

READMES = ("README.md", "README.zh-CN.md")
BLOCK = re.compile(r"```bash\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)\)")


def targets() -> set[str]:
    """Every target `make help` lists."""
    return set(re.findall(r"^([a-z]+):.*## ", text("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("readme", READMES)
def test_every_make_command_is_a_target(readme):
    """`make …` in a README is in the Makefile."""
    named = set(re.findall(r"\bmake ([a-z]+)", "\n".join(BLOCK.findall(text(readme)))))
    assert {"demo", "test"} <= named <= targets()


@pytest.mark.parametrize("path", documents(), ids=name)
def test_every_cdp_command_exists(path: Path):
    """`cdp …` in any document is a command."""
    named = set(re.findall(r"(?:`|\.venv/bin/)cdp ([a-z][a-z-]*)", path.read_text(encoding="utf-8")))
    assert named <= set(getattr(get_command(build()), "commands", {}))


def test_both_languages_say_to_type_the_same():
    """The commands of the two READMEs are equal, character by character."""
    english, chinese = (BLOCK.findall(text(readme)) for readme in READMES)
    assert english == chinese


def test_both_languages_lead_to_the_same_places():
    """So are their links, but the one to each other."""
    english, chinese = (set(LINK.findall(text(readme))) - set(READMES) for readme in READMES)
    assert english == chinese


@pytest.mark.parametrize("path", documents(), ids=name)
def test_links_lead_somewhere(path: Path):
    """A relative link names a file or folder of the repository."""
    links = LINK.findall(path.read_text(encoding="utf-8"))
    assert [link for link in links if ":" not in link and not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", documents(), ids=name)
def test_links_to_sections_lead_there(path: Path):
    """`#section`, of the same document or of another, is a heading there."""
    links = re.findall(r"\]\(([^)\s:]*)#([^)\s]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if link[1] not in anchors(path.parent / link[0] if link[0] else path)] == []


def test_ci_runs_the_tests_as_the_readme_says():
    """CI takes the command from between the README's markers; there it is `make test`."""
    given = re.search(r"<!-- test -->\n```bash\n(.*?)```\n<!-- end -->", text("README.md"), re.DOTALL)
    assert given is not None
    assert given[1] == "make test\n"
    assert "<!-- test -->" in text(".ci/run")
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_help_has_a_line_for_every_target():
    """Whoever types `make` learns what there is."""
    shown = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"^\.PHONY: (.*)$", text("Makefile"), re.MULTILINE)
    assert phony is not None
    assert [line.split()[1] for line in shown.splitlines()] == phony[1].split()
