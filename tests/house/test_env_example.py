"""`.env.example` lists exactly the settings there are."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings

from schemas.env_example import FILE, env_example
from schemas.settings import Settings


def test_the_file_is_what_the_settings_say():
    """Name, meaning and default of every setting; `make reference` writes it anew."""
    assert FILE.read_text(encoding="utf-8") == env_example()


def test_every_setting_has_a_meaning():
    """A setting nobody can understand is none."""
    assert "None" not in env_example()


def test_the_defaults_written_are_the_defaults(tmp_path):
    """Uncommented as a whole, the file changes nothing."""
    given = [line[2:] for line in env_example().splitlines() if line.startswith("# CDP_") and not line.endswith("=")]
    (tmp_path / "env").write_text("\n".join(given), encoding="utf-8")

    assert _settings(tmp_path / "env") == _settings(None)


def _settings(env_file: Path | None) -> BaseSettings:
    return Settings(_env_file=env_file)
