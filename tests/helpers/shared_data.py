"""The data beside the repository, which tests may use but must not need."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NO_SHARED_DATA = "skipped: no ../shared/data"


def shared_data() -> Path | None:
    """The folder, or None where it is missing."""
    folder = ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


def need_shared_data(part: str = "") -> Path:
    """The folder or something in it; skips the test that asks where it is missing."""
    folder = shared_data()
    if folder is None or not (folder / part).exists():
        pytest.skip(NO_SHARED_DATA)
    return folder / part
