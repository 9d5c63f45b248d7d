"""`.env.example`: every setting with its meaning and default. Written by `python -m schemas.env_example`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from schemas.settings import Settings

FILE: Final = Path(__file__).parents[1] / ".env.example"
_HEAD: Final = """\
# Every setting of the platform with its meaning and default.
# Copy this file to .env, uncomment what you change, and start the platform again. Variables of the environment win.
"""
_PREFIX: Final = "CDP_"


def env_example() -> str:
    """Give the file's text. Groups of settings follow those that belong to none."""
    plain = {name: field for name, field in Settings.model_fields.items() if _group(field) is None}
    groups = {name: _group(field) for name, field in Settings.model_fields.items()}
    sections = ["\n".join(_lines(plain, _PREFIX))]
    for name, group in groups.items():
        if group is not None:
            title = (group.__doc__ or "").strip()
            sections.append("\n".join([f"# ---- {title}\n", *_lines(group.model_fields, f"{_PREFIX}{name.upper()}__")]))
    return "\n".join([_HEAD, *sections])


def _group(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _lines(fields: dict[str, FieldInfo], prefix: str) -> Iterator[str]:
    for name, field in fields.items():
        default = _written(field.get_default(call_default_factory=True))
        yield f"# {field.description}\n# {prefix}{name.upper()}={default}\n"


def _written(value: object) -> str:
    """A default as one would write it; a secret's is empty."""
    if value is None or isinstance(value, SecretStr):
        return ""
    if isinstance(value, dict):
        return json.dumps(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def main() -> None:
    """Write the file; a test compares it with the settings."""
    FILE.write_text(env_example(), encoding="utf-8")


if __name__ == "__main__":
    main()
