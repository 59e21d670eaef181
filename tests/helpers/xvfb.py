"""A real X server for the tests that need one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def missing_tool(*more: str) -> str:
    """The reason to skip a test of the real X server that needs ``more`` programs, too, or "" if there is none."""
    missing = [tool for tool in ("Xvfb", "xdotool", *more) if shutil.which(tool) is None]
    return f"not installed: {', '.join(missing)}" if missing else ""


@contextmanager
def x_server(size: str = "1400x900x24", screen: Path | None = None) -> Iterator[str]:
    """Run Xvfb on a free display and give its name, such as ":7"; what it shows is kept in the folder ``screen``."""
    kept = [] if screen is None else ["-fbdir", str(screen)]
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", size, "-nolisten", "tcp", *kept],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        yield f":{server.stdout.readline().strip()}"
    finally:
        server.terminate()
        server.wait(20)
        if server.stdout is not None:
            server.stdout.close()
