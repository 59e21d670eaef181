"""The places on disk that the program uses; ``LAYERSCOPE_HOME`` puts them all into one folder."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path, user_config_path, user_data_path

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
BUILTIN = RESOURCES / "builtin"
SAMPLES = RESOURCES / "samples"
ARCHITECTURES = RESOURCES / "architectures.json.gz"


def _home(part: str) -> Path | None:
    home = os.environ.get("LAYERSCOPE_HOME")
    return Path(home).expanduser() / part if home else None


def config_dir() -> Path:
    """Folder of the settings file; may not exist yet."""
    return _home("config") or user_config_path("layerscope", appauthor=False)


def cache_dir() -> Path:
    """Folder of what can be made again; may not exist yet."""
    return _home("cache") or user_cache_path("layerscope", appauthor=False)


def data_dir() -> Path:
    """Folder of what a person would miss (pasted pictures); may not exist yet."""
    return _home("data") or user_data_path("layerscope", appauthor=False)


def sample_pictures() -> tuple[Path, ...]:
    """The bundled sample pictures, in the order they are shown."""
    return tuple(sorted(path for path in SAMPLES.glob("*") if path.suffix.lower() in {".jpg", ".png", ".webp"}))
