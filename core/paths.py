"""The places on disk that the program uses; ``LAYERSCOPE_HOME`` puts them all into one folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from platformdirs import user_cache_path, user_config_path, user_data_path

from core.home import expanded

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
BUILTIN = RESOURCES / "builtin"
SAMPLES = RESOURCES / "samples"
ARCHITECTURES = RESOURCES / "architectures.json.gz"

NOWHERE = Path("/nonexistent/layerscope")
"""Stands for the folders of a person without a home: nothing can be written there, which is said where it matters."""


def _home(part: str) -> Path | None:
    home = os.environ.get("LAYERSCOPE_HOME")
    return expanded(home).absolute() / part if home else None


def typed(text: str | Path) -> Path:
    """The whole path of what a person typed: ``~`` is their home where they have one, else part of the name."""
    return expanded(text).absolute()


def _rooted(path: Path, part: str) -> Path:
    """The path, unless it begins with the home of somebody who has none: that would be a folder called "~" right here."""
    return path if path.is_absolute() else NOWHERE / part


def config_dir() -> Path:
    """Folder of the settings file; may not exist yet."""
    return _home("config") or _rooted(user_config_path("layerscope", appauthor=False), "config")


def cache_dir() -> Path:
    """Folder of what can be made again; may not exist yet."""
    return _home("cache") or _rooted(user_cache_path("layerscope", appauthor=False), "cache")


def data_dir() -> Path:
    """Folder of what a person would miss (pasted pictures); may not exist yet."""
    return _home("data") or _rooted(user_data_path("layerscope", appauthor=False), "data")


def runtime_dirs() -> tuple[Path, ...]:
    """Folders in which running programs of one person may meet, the best first; none of them need exist, or be private."""
    own = _home("run")
    if sys.platform == "win32":
        return (own or cache_dir() / "run",)
    places = [own] if own is not None else []
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if own is None and Path(runtime).is_absolute() and Path(runtime).is_dir():
        places.append(Path(runtime) / "layerscope")
    return (*places, Path(os.environ.get("TMPDIR") or "/tmp") / f"layerscope-{os.getuid()}")


def sample_pictures() -> tuple[Path, ...]:
    """The bundled sample pictures, in the order they are shown."""
    return tuple(sorted(path for path in SAMPLES.glob("*") if path.suffix.lower() in {".jpg", ".png", ".webp"}))
