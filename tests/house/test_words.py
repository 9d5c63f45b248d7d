"""Words that no file of the repository may contain, each with the reason."""

from __future__ import annotations

import re

import pytest

from tests.house.repository import ROOT, files, name

HOSTS = re.compile(
    "|".join(
        part.replace("~", r"\.")
        for part in (
            "pypi~org", "pythonhosted~org", "registry~npmjs", "registry~yarnpkg", "npmmirror", "mirrors?~[a-z]+~",
            "proxy~golang", "repo[0-9]?~maven", "unpkg~com", "jsdelivr", "artifactory", "devpi",
        )
    )
)  # fmt: skip
# uv writes where it found what it locked; Kafka's jars come from Maven Central, which Maven itself calls by this name.
MAY_NAME_A_HOST = {"uv.lock", "deploy/embedded/kafka_jars.py"}
PUT_OFF = re.compile("TO" + "DO|FIX" + "ME")
SOMEBODYS_DISK = re.compile(r"(?<![\w.])/(home|Users|root|work|mnt)/[a-z]")
HERE = "tests/house/test_words.py"


def _files_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        name(path)
        for path in files()
        if name(path) != HERE and pattern.search(path.read_text("utf-8", errors="replace"))
    ]


def test_no_file_names_a_package_registry():
    """Where packages come from is the business of whoever installs: their pip and uv know their mirrors."""
    assert set(_files_with(HOSTS)) <= MAY_NAME_A_HOST


def test_the_lock_names_no_registry_but_the_public_one():
    """A lock written behind a mirror would lead everybody else to that mirror."""
    hosts = set(re.findall(r"https?://([^/\"]+)", (ROOT / "uv.lock").read_text("utf-8")))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}


@pytest.mark.parametrize("pattern", [PUT_OFF, SOMEBODYS_DISK], ids=["put off", "a path of somebody's disk"])
def test_no_file_contains(pattern):
    """Work that was put off belongs into an issue; a path of one machine into no file."""
    assert _files_with(pattern) == []
