"""Whether the folders that the program uses can be written to."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from core import paths
from core.types import Check

_ELSEWHERE = "Make it writable, or set LAYERSCOPE_HOME to a folder that is."


def checks() -> Iterator[Check]:
    """A row for each folder; nothing that was made for it is left behind."""
    named = (("settings", paths.config_dir()), ("cache and log", paths.cache_dir()), ("pasted pictures", paths.data_dir()))
    for name, folder in named:
        yield _folder(name, folder, _ELSEWHERE)
    try:
        temporary = Path(tempfile.gettempdir())
    except OSError as error:
        yield Check("folder", "temporary", "problem", str(error), "Set TMPDIR to a folder that can be written.")
        return
    yield _folder("temporary", temporary, "Make it writable, or set TMPDIR to a folder that is.")


def _folder(name: str, folder: Path, advice: str) -> Check:
    made: list[Path] = []
    probe = folder / f".layerscope-{secrets.token_hex(8)}.part"
    try:
        for part in (*reversed(folder.parents), folder):
            if not part.exists():
                part.mkdir()
                made.append(part)
        with probe.open("xb") as file:
            file.write(b"Layerscope tests whether it can write here.\n")
    except OSError as error:
        return Check("folder", name, "problem", f"{folder} cannot be written ({error.strerror or error})", advice)
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)
        for part in reversed(made):
            with contextlib.suppress(OSError):
                part.rmdir()
    return Check("folder", name, "OK", str(folder))
