"""SHA-256 of a file, in steps."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator
from pathlib import Path

from core.cancel import CancelToken

_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.")
_STEP = 4 * 1024 * 1024


def sha256_in_steps(path: Path, token: CancelToken) -> Generator[int, None, str]:
    """Hash a file.

    Yields
    ------
    Bytes done so far, every few megabytes.

    Returns
    -------
    The hash in hexadecimal digits.

    Raises
    ------
    Cancelled, OSError
    """
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_STEP):
            token.check()
            digest.update(block)
            done += len(block)
            yield done
    return digest.hexdigest()


def prefix_in_name(name: str) -> str:
    """The beginning of the hash that a file's name promises, as torch.hub reads it; "" where there is none."""
    found = _IN_NAME.search(name)
    return found.group(1) if found else ""
