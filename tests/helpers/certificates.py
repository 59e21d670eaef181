"""A certificate that nobody but the test vouches for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="not installed: openssl")


def own_certificate(folder: Path) -> Path:
    """Make one for the loopback address; the file holds the key, too."""
    both, alone = folder / "both.pem", folder / "own.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(both), "-out", str(alone)],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    both.write_text(both.read_text() + alone.read_text())
    return both
