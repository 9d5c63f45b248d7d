"""Kafka's jars from Maven Central through jgo, once; afterwards from the cache, without the network."""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jgo.maven import Artifact

VERSION: Final = "4.3.1"
# Kafka's own pom leaves the logging backend to its distribution; without one it would be mute.
_COORDINATES: Final = (
    ("org.apache.kafka", "kafka_2.13", VERSION),
    ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.4"),
)
_CENTRAL: Final = "https://repo.maven.apache.org/maven2"

Progress = Callable[[str, int, int], None]
"""Called with a jar's name, how many are there, and how many there are in all."""


class JarsMissing(RuntimeError):
    """Kafka's jars are neither in the cache nor to be had from Maven Central."""


def resolve_jars(cache: Path, progress: Progress | None = None) -> tuple[Path, ...]:
    """The class path of Kafka, in order; downloads what `cache` does not have (45 MB, 5 to 15 s).

    The list of jars is kept in the cache, so a later start needs neither the network nor jgo's 0.5 s.
    """
    listing = cache / f"kafka-{VERSION}.json"
    known = _read_listing(listing, cache)
    if known:
        return known
    jars = _download(cache, progress)
    fresh = listing.with_suffix(".new")
    fresh.write_text(json.dumps([str(jar.relative_to(cache)) for jar in jars], indent=1))
    fresh.replace(listing)
    return jars


def default_cache(environment: Mapping[str, str]) -> Path:
    """`cdp/kafka` in the user's cache directory; the entry points hand their environment in."""
    home = Path(environment.get("HOME") or Path.home())
    return Path(environment.get("XDG_CACHE_HOME") or home / ".cache") / "cdp" / "kafka"


def _read_listing(listing: Path, cache: Path) -> tuple[Path, ...]:
    if not listing.exists():
        return ()
    jars = tuple(cache / name for name in json.loads(listing.read_text()))
    return jars if all(jar.exists() for jar in jars) else ()


def _download(cache: Path, progress: Progress | None) -> tuple[Path, ...]:
    import requests  # noqa: PLC0415 - comes with jgo; needed only the first time

    jars: list[Path] = []
    try:
        artifacts = _artifacts(cache)
        for artifact in artifacts:
            if progress:
                progress(artifact.filename, len(jars), len(artifacts))
            with _whole_file(artifact.cached_path):
                jars.append(artifact.resolve())
    except (requests.RequestException, RuntimeError, OSError) as error:
        raise JarsMissing(f"Kafka {VERSION} cannot be had from {_CENTRAL}: {error}") from error
    if progress:
        progress("", len(jars), len(artifacts))
    return tuple(jars)


def _artifacts(cache: Path) -> "list[Artifact]":
    """Each coordinate is resolved alone: together, log4j's parent pom would put Kafka's clients back to 3.9."""
    from jgo.maven import Dependency, MavenContext  # noqa: PLC0415

    cache.mkdir(parents=True, exist_ok=True)
    context = MavenContext(repo_cache=cache, local_repos=[], remote_repos={"central": _CENTRAL}, timeout=30)
    chosen: dict[tuple[str, str], Artifact] = {}
    for group, name, version in _COORDINATES:
        wanted = Dependency(context.project(group, name).at_version(version).artifact())
        inputs, transitive = context.resolver.resolve([wanted])
        for each in [*inputs, *(each for each in transitive if each.scope in ("compile", "runtime"))]:
            chosen.setdefault((each.groupId, each.artifactId), each.artifact)
    return list(chosen.values())


@contextlib.contextmanager
def _whole_file(path: Path | None) -> Iterator[None]:
    """jgo writes in place: an interrupted download would count as a cached jar for ever."""
    existed = path is None or path.exists()
    try:
        yield
    except BaseException:
        if path is not None and not existed:
            path.unlink(missing_ok=True)
        raise
